// SPDX-License-Identifier: GPL-2.0-or-later
/* table.c - a table of ours, its sets and rules */
#include "fw/table.h"

#include <errno.h>

struct seen {
	struct fw *fw;
	const struct fw_table *t;
	bool remove;	/* those that are ours */
	unsigned whole; /* so many of the rules, in their order */
	unsigned others, all;
};

static void begin_rule(struct fw *fw, const struct fw_table *t, unsigned i)
{
	fw_rule_begin(fw, &t->chain);
	if (t->rule_of)
		t->rule_of(fw, t, i);
	else
		t->rule(fw, i);
}

static bool is_rule(const struct seen *s, unsigned i,
		    const struct fw_rule *rule)
{
	begin_rule(s->fw, s->t, i);
	return fw_rule_is(s->fw, rule);
}

static int see_rule(const struct fw_rule *rule, void *arg)
{
	struct seen *s = arg;
	unsigned n = s->t->rules, i = s->whole;

	s->all++;
	if (i < n && is_rule(s, i, rule)) {
		s->whole++;
	} else {
		for (i = 0; i < n && !is_rule(s, i, rule); i++)
			;
		s->others += i == n;
	}
	if (i < n && s->remove)
		fw_del_rule(s->fw, &s->t->chain, rule->handle);
	return 0;
}

static int see_rules(struct fw *fw, const struct fw_table *t, bool remove,
		     struct seen *s)
{
	*s = (struct seen){ .fw = fw, .t = t, .remove = remove };
	return fw_rules(fw, &t->chain, see_rule, s);
}

static int look_at(struct fw *fw, const struct fw_table *t)
{
	struct seen s;
	int r = see_rules(fw, t, false, &s);

	return r < 0 ? r : s.whole == t->rules;
}

int fw_table_look(struct fw *fw, const struct fw_table *t)
{
	int r = 1;

	for (; t && r == 1; t = t->more)
		r = look_at(fw, t);
	return r;
}

static int make_chain(struct fw *fw, const struct fw_table *t)
{
	struct seen s;
	int r = see_rules(fw, t, true, &s);

	if (r < 0)
		return r;
	fw_add_table(fw, t->chain.family, t->chain.table, t->comment);
	for (size_t i = 0; t->sets[i]; i++)
		fw_add_set(fw, t->sets[i]);
	fw_add_chain(fw, &t->chain, t->hook.type ? &t->hook : NULL);
	for (unsigned i = 0; i < t->rules; i++) {
		begin_rule(fw, t, i);
		fw_rule_end(fw);
	}
	return 0;
}

int fw_table_make(struct fw *fw, const struct fw_table *t)
{
	int r = 0;

	for (; t && r >= 0; t = t->more) {
		r = look_at(fw, t);
		if (r == 0)
			r = make_chain(fw, t);
	}
	return r < 0 ? r : 0;
}

int fw_table_drop(struct fw *fw, const struct fw_table *t)
{
	return fw_table_drop_with(fw, t, 0);
}

int fw_table_drop_with(struct fw *fw, const struct fw_table *t, int more)
{
	const struct fw_table *part = t;
	int use = more, r;
	struct seen s;

	do {
		r = see_rules(fw, part, false, &s);
		use++; /* the chain */
		for (size_t i = 0; part->sets[i]; i++)
			use++;
		part = part->more;
	} while (part && r == 0 && s.others == 0);
	if (r == 0 && s.others == 0)
		r = fw_table_use(fw, t->chain.family, t->chain.table);
	if (r != use)
		return r < 0 ? r : 0;
	fw_del_table(fw, t->chain.family, t->chain.table);
	return 1;
}

int fw_table_drop_chain(struct fw *fw, const struct fw_table *t, int led)
{
	struct seen s;
	int r = see_rules(fw, t, false, &s);
	int use = r < 0 ? r : fw_chain_use(fw, &t->chain);

	if (use > 0 && s.others == 0 && use - (int)s.all <= led)
		fw_del_chain(fw, &t->chain);
	return use < 0 ? use : 0;
}

static int look(struct fw *fw, void *arg)
{
	return fw_table_look(fw, arg);
}

int fw_table_add(struct fw *fw, const struct fw_table *t, fw_plan_fn add,
		 fw_plan_fn over, void *arg)
{
	int r = fw_look(fw, look, (void *)t);

	if (r == 1)
		r = fw_change_any(fw, add, arg);
	else if (r == 0)
		r = -ENOENT;
	if (r == -ENOENT || r == -EEXIST || r == -ERESTART)
		r = fw_change(fw, over, arg);
	return r;
}
