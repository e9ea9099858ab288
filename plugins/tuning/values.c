// SPDX-License-Identifier: GPL-2.0-or-later
/* values.c - values: what is wanted of them, and which there are */
#include "values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void values_done(struct values *v)
{
	for (size_t i = 0; i < v->n; i++) {
		free(v->sysctl[i].name);
		free(v->sysctl[i].value);
	}
	free(v->sysctl);
	*v = (struct values){ 0 };
}

bool values_of_link(const struct values *v)
{
	return v->mac.given || v->mtu || v->mask || v->has_txqlen;
}

bool values_none(const struct values *v)
{
	return !values_of_link(v) && v->n == 0;
}

static struct sysctl *find(const struct values *v, const char *name)
{
	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->sysctl[i].name, name) == 0)
			return &v->sysctl[i];
	return NULL;
}

const struct sysctl *values_sysctl(const struct values *v, const char *name)
{
	return find(v, name);
}

static struct sysctl *append(struct values *v, const char *name)
{
	struct sysctl *more =
		reallocarray(v->sysctl, v->n + 1, sizeof(*v->sysctl));

	if (!more)
		return NULL;
	v->sysctl = more;
	more[v->n] = (struct sysctl){ .name = strdup(name) };
	return more[v->n].name ? &more[v->n++] : NULL;
}

int values_put_sysctl(struct values *v, const char *name, const char *value)
{
	char *copy = strdup(value);
	struct sysctl *to = copy ? find(v, name) : NULL;

	if (copy && !to)
		to = append(v, name);
	if (!to) {
		free(copy);
		return -ENOMEM;
	}
	free(to->value);
	to->value = copy;
	return 0;
}

int values_add(struct values *v, const struct values *from, bool *ret_more)
{
	bool more = false;

	if (from->mac.given && !v->mac.given) {
		v->mac = from->mac;
		more = true;
	}
	if (from->mtu && !v->mtu) {
		v->mtu = from->mtu;
		more = true;
	}
	if (from->mask & ~v->mask) {
		v->flags |= from->flags & ~v->mask;
		v->mask |= from->mask;
		more = true;
	}
	if (from->has_txqlen && !v->has_txqlen) {
		v->has_txqlen = true;
		v->txqlen = from->txqlen;
		more = true;
	}
	for (size_t i = 0; i < from->n; i++) {
		if (find(v, from->sysctl[i].name))
			continue;
		if (values_put_sysctl(v, from->sysctl[i].name,
				      from->sysctl[i].value) < 0)
			return -ENOMEM;
		more = true;
	}
	*ret_more = more;
	return 0;
}
