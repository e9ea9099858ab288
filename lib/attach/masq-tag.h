/* SPDX-License-Identifier: GPL-2.0-or-later */
/* masq-tag.h - the mark of a link whose attachment is masqueraded */
#ifndef CNI_MASQ_TAG_H
#define CNI_MASQ_TAG_H

/*
 * The tag that the host's end of a veth is given before masq_add(): like this
 * the kernel knows who is masqueraded, when somebody has removed all rules.
 */
#define MASQ_TAG 0x6d617371 /* "masq" */

/* Added to that, or to the same without its last bit, by the firewall. */
#define FIREWALL_TAG 2u

#endif
