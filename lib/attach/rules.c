// SPDX-License-Identifier: GPL-2.0-or-later
/* rules.c - an attachment's part of nf_tables: what DEL, GC and STATUS share */
#include "attach/rules.h"

int rules_del(const struct cni_call *call, rules_del_fn del, const char *step,
	      struct cni_err *err)
{
	AUTO(fw) struct fw *fw = NULL;
	int r = fw_open_any(&fw);

	if (r > 0)
		r = del(fw, call);
	if (r < 0)
		return fw_fail(err, fw, r, step);
	rules_close_later(call, TAKE(fw));
	return 0;
}

int rules_gc(const struct cni_call *call, rules_gc_fn gc, const char *step,
	     struct cni_err *err)
{
	AUTO(fw) struct fw *fw = NULL;
	int r;

	if (!call->has_valid)
		return 0;
	r = fw_open_any(&fw);
	if (r > 0)
		r = gc(fw, call->att.network, call->valid, call->n_valid);
	return r < 0 ? fw_fail(err, fw, r, step) : 0;
}

static void close_rules(void *fw)
{
	fw_close(fw);
}

void rules_close_later(const struct cni_call *call, struct fw *fw)
{
	cni_later(call, close_rules, fw);
}

int rules_status(const char *key, struct cni_err *err)
{
	AUTO(fw) struct fw *fw = NULL;
	int r = fw_open(&fw);

	if (r == 0)
		r = fw_usable(fw);
	if (r == 0)
		return 0;
	cni_fail(err, CNI_ENOTREADY, r,
		 "the kernel's nf_tables is not usable, and %s needs it", key);
	return -1;
}
