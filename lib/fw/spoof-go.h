/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spoof-go.h - inside lib/fw: macspoofchk rules that the Go plugins made */
#ifndef CNI_FW_SPOOF_GO_H
#define CNI_FW_SPOOF_GO_H

#include <stdint.h>

#include "base/name.h"
#include "fw/fw.h"

/*
 * Whether exactly these rules guard the port, whose other end is the
 * attachment's and has that MAC. Returns 1, 0 or -errno.
 */
int spoof_go_has(struct fw *fw, const struct cni_attachment *att,
		 const char *host_if, const uint8_t mac[6]);

/*
 * Removes what there is of the attachment's rules and chains. Commits only if
 * there is any. Returns 1 if it removed something, 0 or -errno: -EBUSY where
 * another rule leads there.
 */
int spoof_go_del(struct fw *fw, const struct cni_attachment *att);

#endif
