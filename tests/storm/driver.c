// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * driver.c - makes many calls of plugins at once, each of which is judged
 *
 *   driver FOLDER all VERB JOBS NETWORK
 *       ADD of every pod that is not in the network, CHECK or DEL of every one
 *       that is
 *   driver FOLDER mix SECONDS JOBS
 *       ADD, CHECK, DEL and GC in all networks, as they come. As a runtime has
 *       to, no ADD and DEL of a network while its GC is under way. Now and then
 *       an attachment is lost, which the next GC is to take away.
 *   driver FOLDER crowd SECONDS JOBS
 *       the same, but a GC of each network at any time: its list has everybody
 *       who may be in the network by then, but for the lost
 *
 * JOBS are under way at once. A network is known by its line, from 0. FOLDER,
 * whose path is absolute, holds
 *
 *   networks   a line each: the plugin, the link whose MAC address must stay
 *              the same ("-" if none) and the configuration
 *   bin/       the plugins
 *   ns/<pod>   network namespaces, from 0
 *   in/ out/ err/ res/   empty; res holds results from one run to the next
 *
 * Failures are told on stdout, and at the end how many calls there were of each
 * verb, how many ms the slowest one took, and how many failed.
 */
#include "storm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* calls of a network between two of its GCs, in a mix */
#define GC_EVERY 50

/* Whether a runtime may make and remove attachments now. */
static bool may_change(const struct net *n)
{
	return !n->gc && n->since_gc < GC_EVERY;
}

/* Starts the next call of one attachment that is free; false if it has none. */
static bool start_one(struct storm *s, int net, int pod, bool alone)
{
	struct net *n = &s->net[net];
	struct att *a = &n->att[pod];
	int dice = rand() % 100;

	if (a->busy || a->lost)
		return false;
	if (a->attached && dice < 45) {
		call_start(s, CHECK, net, pod, LIST_ATTACHED);
		return true;
	}
	if (a->attached && dice < 55 && !(alone && n->gc)) {
		a->lost = true;
		return false;
	}
	if (alone && !may_change(n))
		return false;
	/* and a few times a DEL of what is not there */
	call_start(s, a->attached || dice < 10 ? DEL : ADD, net, pod,
		   LIST_ATTACHED);
	return true;
}

/* GCs that are due. */
static void start_gcs(struct storm *s, int jobs, bool alone)
{
	for (int net = 0; net < s->nets && s->running < jobs; net++) {
		struct net *n = &s->net[net];

		if (n->gc || (alone && (n->changing || may_change(n))))
			continue;
		call_start(s, GC, net, -1,
			   alone ? LIST_ATTACHED : LIST_ALL_BUT_LOST);
	}
}

static void mix(struct storm *s, double seconds, int jobs, bool alone)
{
	double end = storm_now() + seconds;

	for (int net = 0; net < s->nets; net++)
		s->net[net].since_gc = GC_EVERY;
	while (storm_now() < end) {
		start_gcs(s, jobs, alone);
		for (int i = 0; i < 10 * jobs && s->running < jobs; i++)
			start_one(s, rand() % s->nets, rand() % s->pods, alone);
		if (s->running)
			call_wait(s);
	}
	while (s->running)
		call_wait(s);
}

static void all(struct storm *s, enum verb verb, int jobs, int net)
{
	for (int pod = 0; pod < s->pods; pod++) {
		if (s->net[net].att[pod].attached == (verb == ADD))
			continue;
		if (s->running == jobs)
			call_wait(s);
		call_start(s, verb, net, pod, LIST_ATTACHED);
	}
	while (s->running)
		call_wait(s);
}

static int usage(void)
{
	fputs("usage: driver FOLDER all VERB JOBS NETWORK\n"
	      "       driver FOLDER mix|crowd SECONDS JOBS\n",
	      stderr);
	return 2;
}

static int number(const char *text, int max)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*end || n < 0 || n > max) {
		fprintf(stderr, "driver: not a number up to %d: %s\n", max,
			text);
		exit(2);
	}
	return (int)n;
}

int main(int argc, char *argv[])
{
	static struct storm s;
	const char *what = argc > 2 ? argv[2] : "";
	enum verb verb = ADD;

	if (argc < 5)
		return usage();
	storm_load(&s, argv[1]);
	srand((unsigned)getpid());
	if (argc == 6 && strcmp(what, "all") == 0) {
		while (verb < GC && strcmp(argv[3], verb_names[verb]) != 0)
			verb++;
		if (verb == GC)
			return usage();
		all(&s, verb, number(argv[4], JOBS_MAX),
		    number(argv[5], s.nets - 1));
	} else if (argc == 5 &&
		   (strcmp(what, "mix") == 0 || strcmp(what, "crowd") == 0)) {
		mix(&s, number(argv[3], 86400), number(argv[4], JOBS_MAX),
		    *what == 'm');
	} else {
		return usage();
	}
	storm_report(&s);
	return s.failed ? 1 : 0;
}
