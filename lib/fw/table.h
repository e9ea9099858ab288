/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table.h - inside lib/fw: a table of ours, its sets and rules */
#ifndef CNI_FW_TABLE_H
#define CNI_FW_TABLE_H

#include "fw/set.h"

/*
 * A table. Its rules are the same for all and never change: whom they are for
 * is in the sets. What others put into it is theirs.
 */
struct fw_table {
	struct fw_chain chain; /* which the rules are in */
	struct fw_hook hook;   /* without a type: no base chain */
	const char *comment;
	const struct fw_set *const *sets; /* NULL after the last one */
	unsigned rules;			  /* so many */
	/* adds the expressions of the ith one */
	void (*rule)(struct fw *fw, unsigned i);
	/* the same in the place of it, for tables that are made as they are
	   needed; NULL: rule does it */
	void (*rule_of)(struct fw *fw, const struct fw_table *t, unsigned i);
	/* another chain of the same table, with the sets that the ones
	   before it have not listed; NULL: that is all */
	const struct fw_table *more;
};

/* Within a look or a plan: whether chain and rules are there. 1, 0, -errno. */
int fw_table_look(struct fw *fw, const struct fw_table *t);

/*
 * Within a plan: adds table, sets, chain and rules, for each chain whose rules
 * are not all there. Elements and what others put there stay. Returns 0 or
 * -errno.
 */
int fw_table_make(struct fw *fw, const struct fw_table *t);

/*
 * Within a plan: removes the table, if it holds nothing but what
 * fw_table_make() makes, and elements. Returns 1, 0 or -errno.
 */
int fw_table_drop(struct fw *fw, const struct fw_table *t);
/* The same with so many more sets or chains, which are the caller's. */
int fw_table_drop_with(struct fw *fw, const struct fw_table *t, int more);

/*
 * Within a plan: removes the chain of t alone, if nothing leads to it but led
 * elements which the transaction removes, and all of its rules are ours.
 * Returns 0 or -errno.
 */
int fw_table_drop_chain(struct fw *fw, const struct fw_table *t, int led);

/*
 * Adds elements. Nothing is read but the rules, so long as all that add puts
 * into the transaction is new. If it is not, nor the table there any more, or
 * the answer got lost, over is carried out, which begins with fw_table_make()
 * and looks at all. Returns what either does, or -errno.
 */
int fw_table_add(struct fw *fw, const struct fw_table *t, fw_plan_fn add,
		 fw_plan_fn over, void *arg);

#endif
