// SPDX-License-Identifier: GPL-2.0-or-later
/* masq.c - masquerade of an attachment's addresses */
#include "attach/masq.h"

#include <errno.h>
#include <stdlib.h>

#include "attach/masq-restore.h"
#include "attach/rules.h"
#include "base/auto.h"
#include "cni/undo.h"
#include "fw/goplugins.h"
#include "fw/masq.h"

const char *const masq_backends[] = { "nftables", "iptables", NULL };

DEFINE_AUTO(masq, struct fw_masq *, free)

/* Owned: n_ips of them, which borrow iif. NULL for lack of memory. */
static struct fw_masq *list(const struct cni_result *own, const char *iif)
{
	struct fw_masq *m = calloc(own->n_ips ? own->n_ips : 1, sizeof(*m));

	for (size_t i = 0; m && i < own->n_ips; i++)
		m[i] = (struct fw_masq){ iif, own->ips[i].address };
	return m;
}

int masq_add(const struct cni_call *call, const char *iif,
	     const struct cni_result *own, struct undo *undo,
	     struct cni_err *err)
{
	AUTO(masq) struct fw_masq *m = list(own, iif);
	AUTO(fw) struct fw *fw = NULL;
	int r;

	if (own->n_ips > FW_MASQ_MAX)
		return cni_fail(err, CNI_ECONF, 0,
				"cannot set up masquerade of %zu addresses: "
				"more than %d",
				own->n_ips, FW_MASQ_MAX);
	if (!m)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	undo_mark(undo, masq_del);
	r = fw_open(&fw);
	if (r == 0)
		r = fw_masq_add(fw, &call->att, m, own->n_ips);
	if (r >= 0)
		r = fw_masq_known(fw, call->att.network);
	if (r == 0)
		r = masq_restore(call, iif, fw);
	return r < 0 ? fw_fail(err, fw, r, "set up masquerade") : 0;
}

int masq_check(const struct cni_call *call, const char *iif,
	       const struct cni_result *own, struct cni_err *err)
{
	AUTO(masq) struct fw_masq *m = list(own, iif);
	AUTO(fw) struct fw *fw = NULL;
	char text[IP_STRLEN];
	size_t missing = 0;
	int r = m ? fw_open(&fw) : -ENOMEM;

	for (size_t i = 0; i < own->n_ips && r >= 0; i++) {
		r = fw_masq_has(fw, &call->att, m + i, own->n_ips - i,
				&missing);
		if (r != 0)
			break;
		i += missing;
		r = fw_goplugins_has(fw, &call->att, &own->ips[i].address.addr);
		if (r == 0)
			return cni_differs(err, "masquerade of %s is missing",
					   ip_net_format(&own->ips[i].address,
							 text));
	}
	return r < 0 ? fw_fail(err, fw, r, "look for masquerade") : 0;
}

/* A DEL whose network may just be restored by another one's ADD. */
struct again {
	const struct cni_call *call;
	struct fw *fw; /* owned */
};

static void delete_again(void *arg)
{
	struct again *again = arg;

	/* the link is gone by now: what was added as its is found here */
	(void)fw_masq_del(again->fw, &again->call->att);
	fw_close(again->fw);
	free(again);
}

int masq_del(const struct cni_call *call, struct cni_err *err)
{
	AUTO(fw) struct fw *fw = NULL;
	struct again *again = NULL;
	int known = 1, r = fw_open_any(&fw);

	if (r > 0) {
		known = fw_masq_known(fw, call->att.network);
		r = known < 0 ? known : fw_masq_del(fw, &call->att);
	}
	if (r < 0)
		return fw_fail(err, fw, r, "remove masquerade");
	if (known == 0)
		again = malloc(sizeof(*again));
	if (!again) {
		rules_close_later(call, TAKE(fw));
		return 0;
	}
	*again = (struct again){ call, TAKE(fw) };
	cni_later(call, delete_again, again);
	return 0;
}

int masq_gc(const struct cni_call *call, struct cni_err *err)
{
	int r = rules_gc(call, fw_masq_gc, "collect dead masquerade", err);

	return rules_gc(call, fw_goplugins_gc,
			"collect the Go plugins' dead rules", err) < 0
		       ? -1
		       : r;
}
