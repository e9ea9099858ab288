/* SPDX-License-Identifier: GPL-2.0-or-later */
/* portmap-wait.h - inside lib/fw: a removal, and who waits for its ports */
#ifndef CNI_FW_PORTMAP_WAIT_H
#define CNI_FW_PORTMAP_WAIT_H

#include "base/names.h"
#include "fw/portmap-table.h"

/* Zero-initialise before use. The strings are borrowed. */
struct portmap_handover {
	const char *owner; /* which is removed */
	const struct portmap_note *note;
	struct names waiting; /* owned: the owner texts of all who wait */
	/* those handed over; owned. Their close is "". */
	struct fw_portmap_gone given;
	int led[2]; /* so many elements less lead to the chains of note */
};
void portmap_handover_done(struct portmap_handover *h);

/* Within a plan, before anything is removed. Returns 0 or -errno. */
int portmap_handover_begin(struct fw *fw, struct portmap_handover *h,
			   const char *owner, const struct portmap_note *note);

/* An element that led to that chain, "" for none, is removed. */
void portmap_handover_left(struct portmap_handover *h, const char *chain);

/*
 * After the removal: what other attachments of the container wait for, and
 * nobody else has, is theirs. Returns 0 or -errno.
 */
int portmap_handover(struct fw *fw, struct portmap_handover *h);

/*
 * At last: removes the chains of conditions that were the owner's alone, and
 * nobody's who waits. Returns how many, or -errno.
 */
int portmap_handover_end(struct fw *fw, struct portmap_handover *h);

#endif
