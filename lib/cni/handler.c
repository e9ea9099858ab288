// SPDX-License-Identifier: GPL-2.0-or-later
/* handler.c - a plugin's handlers, called */
#include "cni/handler.h"

int handler_add(const struct cni_plugin *plugin, const struct cni_call *call,
		struct undo *undo, char **ret, struct cni_err *err)
{
	__attribute__((cleanup(result_auto))) struct cni_result res = { 0 };

	*ret = NULL;
	if (!plugin->add)
		return 0;
	if (plugin->add(call, &res, undo, err) < 0)
		return -1;
	*ret = cni_result_print(&res, call->conf.version, err);
	return *ret ? 0 : -1;
}

int handler_call(const struct cni_plugin *plugin, enum cni_verb verb,
		 const struct cni_call *call, struct cni_err *err)
{
	int (*handler)(const struct cni_call *, struct cni_err *) = NULL;

	if (verb == VERB_DEL)
		handler = plugin->del;
	else if (verb == VERB_CHECK)
		handler = plugin->check;
	else if (verb == VERB_GC)
		handler = plugin->gc;
	else if (verb == VERB_STATUS)
		handler = plugin->status;
	return handler ? handler(call, err) : 0;
}
