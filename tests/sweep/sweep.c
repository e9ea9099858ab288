// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sweep.c - one plugin with one configuration: each verb with each system call
 * failing, with each error, and with a kill at each system call
 *
 *   sweep [OPTION...] PLUGIN CNI_PATH <CONFIGURATION
 *
 *   -n NAME   at the start of each test's name
 *   -p FILE   the plugin that gives addresses: its pool must not shrink
 *   -b CMD    a shell command, done in each new host before anything else
 *   -c FILE   the plugin is a chained one; this is the configuration of bridge,
 *             which comes before it
 *   -i        what the plugin makes is in the sandbox, and ends with it
 *   -f        only ADDs, each of them on a host that never saw the network
 *   -a        kills at all calls, in all ways; without it, only at those where
 *             it can make a difference, each of them in one of the ways
 *   -w WHAT   only "faults", or only "kills"
 *   -s K/N    only the Kth of N equal shares of the places, from 1; where a row
 *             has fewer places, at one of them all the same
 *   -l        lists the places as comments
 *   -t N      a call that takes N seconds is taken for one that never ends
 *             (default: 60)
 *   -o VERB[,CALL[,ERROR]]  nothing else; CALL may be "kill"
 *   -x VERB,CALL,ERROR  not that; why must be said where the option is
 *
 * Runs in a mount namespace whose /run and /var/lib are empty. Prints TAP
 * without a plan, and last a line "# sum PLUGIN FAULTS ADDS DELS GCS", of which
 * the last three are kills.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../snapshot/die.h"
#include "row.h"

static const char *const verbs[] = { "ADD", "DEL", "GC" };

struct sweep {
	struct world world;
	const char *name;
	bool all, list;
	bool no_faults, no_kills;
	struct share share;
	char *verb, *call, *error; /* the only ones, or NULL */
	const char *left_out;	   /* "VERB,CALL,ERROR", or NULL */
	unsigned faults, kills[3], failed;
};

static bool wanted(const char *only, const char *name)
{
	return !only || strcmp(only, name) == 0;
}

/* Returns how many there were. */
static unsigned run_row(struct sweep *s, struct row *row)
{
	unsigned i = 0;

	row_run(row);
	if (row->hits + row->failed == 0)
		return 0;
	while (strcmp(row->verb, verbs[i]) != 0)
		i++;
	if (row->kind)
		s->faults += row->hits;
	else
		s->kills[i] += row->hits;
	s->failed += row->failed != 0;
	printf("%sok - %s: %s", row->failed ? "not " : "", s->name, row->verb);
	if (row->kind)
		printf(", %s fails with %s", row->kind->name,
		       error_name(row->error));
	else
		printf(" is killed");
	printf(" (%u times", row->hits);
	if (row->failed)
		printf(", %u wrong", row->failed);
	printf(")\n");
	fflush(stdout);
	return row->hits;
}

static bool left_out(const struct sweep *s, const struct row *row)
{
	char text[64];

	snprintf(text, sizeof(text), "%s,%s,%s", row->verb, row->kind->name,
		 error_name(row->error));
	return s->left_out && strcmp(s->left_out, text) == 0;
}

/* Where only a share is visited, each error has its turn at other places. */
static void run_faults(struct sweep *s, const char *verb)
{
	for (const struct call_kind *k = call_kinds; k->name; k++) {
		struct row row = { .world = &s->world,
				   .verb = verb,
				   .kind = k,
				   .list = s->list,
				   .share = s->share };

		if (!wanted(s->call, k->name))
			continue;
		for (int i = 0; i < ERRORS_MAX && k->error[i]; i++) {
			row.error = k->error[i];
			row.share.k = s->share.k + (unsigned)i;
			if (!wanted(s->error, error_name(row.error)) ||
			    left_out(s, &row))
				continue;
			/* it makes no such call */
			if (run_row(s, &row) == 0)
				break;
		}
	}
}

static void run_kills(struct sweep *s, const char *verb)
{
	struct row row = { .world = &s->world,
			   .verb = verb,
			   .all = s->all,
			   .list = s->list,
			   .share = s->share };

	if (wanted(s->call, "kill"))
		run_row(s, &row);
}

/* A test by itself. */
static void result(struct sweep *s, bool ok, const char *what)
{
	if (!ok)
		printf("#   %s\n", s->world.why);
	s->failed += !ok;
	printf("%sok - %s: %s\n", ok ? "" : "not ", s->name, what);
	fflush(stdout);
}

static bool same_pool(struct sweep *s, unsigned before)
{
	unsigned after;

	if (!world_pool(&s->world, &after))
		return false;
	return after == before ||
	       world_wrong(&s->world, "%u addresses can be had, not %u", after,
			   before);
}

static void run_all(struct sweep *s)
{
	struct world *w = &s->world;
	unsigned pool, hits;
	bool ok = world_new(w) && world_works(w, "eth0", false);

	if (ok && w->fresh)
		ok = world_new(w);
	result(s, ok, "ADD and DEL leave nothing");
	if (!ok || !world_pool(w, &pool))
		return;
	for (unsigned i = 0; i < (w->fresh ? 1 : 3); i++) {
		if (!wanted(s->verb, verbs[i]))
			continue;
		if (!s->no_faults)
			run_faults(s, verbs[i]);
		if (!s->no_kills)
			run_kills(s, verbs[i]);
	}
	hits = s->faults + s->kills[0] + s->kills[1] + s->kills[2];
	if (s->no_faults && s->call && strcmp(s->call, "kill") != 0)
		printf("# %s: is only about %s, which is no kill\n", s->name,
		       s->call);
	else
		result(s, hits > 0 || world_wrong(w, "nothing was"),
		       "something was injected");
	if (w->pool)
		result(s, same_pool(s, pool), "the pool has not shrunk");
}

static char *read_all(FILE *f)
{
	char *text = calloc(1, 65536);

	if (!f || !text)
		die("cannot read a configuration: %m");
	text[fread(text, 1, 65535, f)] = '\0';
	return text;
}

static char *read_file(const char *name)
{
	FILE *f = fopen(name, "re");
	char *text = read_all(f);

	fclose(f);
	return text;
}

static void set_only(struct sweep *s, char *arg)
{
	s->verb = strtok(arg, ",");
	s->call = strtok(NULL, ",");
	s->error = strtok(NULL, ",");
}

static void set_share(struct sweep *s, const char *arg)
{
	struct share *share = &s->share;
	char end;

	if (sscanf(arg, "%u/%u%c", &share->k, &share->n, &end) != 2 ||
	    share->k < 1 || share->k > share->n)
		die("-s %s: it is K/N, 1/N to N/N", arg);
	share->k--;
}

static void set_what(struct sweep *s, const char *arg)
{
	s->no_kills = strcmp(arg, "faults") == 0;
	s->no_faults = strcmp(arg, "kills") == 0;
	if (!s->no_kills && !s->no_faults)
		die("-w %s: it is faults or kills", arg);
}

int main(int argc, char *argv[])
{
	static struct sweep s = { .name = "plugin" };
	const char *base;
	int c;

	while ((c = getopt(argc, argv, "n:p:b:c:ifalt:o:x:w:s:")) != -1) {
		if (c == 'n')
			s.name = optarg;
		else if (c == 'p')
			s.world.pool = optarg;
		else if (c == 'b')
			s.world.has = optarg;
		else if (c == 'c')
			s.world.base = read_file(optarg);
		else if (c == 'i')
			s.world.inside = true;
		else if (c == 'f')
			s.world.fresh = true;
		else if (c == 'a')
			s.all = true;
		else if (c == 'l')
			s.list = true;
		else if (c == 'w')
			set_what(&s, optarg);
		else if (c == 's')
			set_share(&s, optarg);
		else if (c == 't')
			run_timeout_s = (unsigned)atoi(optarg);
		else if (c == 'o')
			set_only(&s, optarg);
		else if (c == 'x')
			s.left_out = optarg;
		else
			return 2;
	}
	if (argc - optind != 2)
		die("usage: sweep [OPTION...] PLUGIN CNI_PATH");
	s.world.file = argv[optind];
	s.world.path = argv[optind + 1];
	s.world.conf = read_all(stdin);
	/* whom a killed plugin leaves behind is waited for as well */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		die("prctl: %m");
	run_all(&s);
	world_end(&s.world);
	base = strrchr(s.world.file, '/');
	printf("# sum %s %u %u %u %u\n", base ? base + 1 : s.world.file,
	       s.faults, s.kills[0], s.kills[1], s.kills[2]);
	return s.failed != 0;
}
