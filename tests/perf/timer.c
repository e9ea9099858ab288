// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * timer.c - makes calls of suites of plugins, in turns, and tells what each
 * took
 *
 *   timer [-c | -j JOBS | -q] [-x X] SCENE FIRST COUNT VERB,... SUITE...
 *
 *     -c   calls by strace, and counts instead of times
 *     -j   so many containers at once: each goes through the verbs by itself,
 *          without prevResult, and then the next one does. One suite has its
 *          turn after the other
 *     -q   tells nothing but failures
 *     -x   how much of what the scene has, for each line
 *
 * COUNT containers, from c<FIRST>, each go through the verbs. NONE is a DEL of
 * what is not there, with no namespace and no prevResult, as nerdctl makes it
 * before each ADD. A SUITE is a folder, named after the suite, that holds
 *
 *     bin            -> the suite's plugins
 *     chain          their names, one a line: each gets the result of the one
 *                    before; DEL, which goes backwards, and all others that of
 *                    the last
 *     <plugin>.json  the configuration of each
 *     host           the network namespace where they start
 *     ns/<number>    a network namespace for each container
 *     verbs          those that it knows, if it does not know all
 *     alive          for GC, what lives besides the container whose turn it is:
 *                    members of a JSON list, each after a comma
 *     in, out, ...   the last call's input and output
 *
 * Each call is a line of JSON on stdout, and so is what a chain took together
 * (as plugin "chain"), or, from the first one's start to the last one's end,
 * all containers at once (as plugin "all"). It exits with 0 also where calls
 * failed: their lines, and stderr, tell.
 */
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "counts.h"
#include "run.h"

#define TEXT (1 << 20)

enum {
	PLUGINS = 8,
	SUITES = 4,
	JOBS = 64,
	NAME = 32
};

struct suite {
	const char *folder, *name;
	char plugins[PLUGINS][NAME];
	int n_plugins;
	char verbs[256]; /* all, if empty */
	char *alive;
	char *conf[PLUGINS];
	char prev[TEXT]; /* of the container whose turn it is, or empty */
};

/* One call, and where its texts are. */
struct job {
	struct call call;
	char plugin[PATH_MAX], id[NAME], netns[PATH_MAX], path[PATH_MAX];
	char in[PATH_MAX], out[PATH_MAX];
	int number, verb;
};

static const char *scene;
static double abscissa;
static bool counting, quiet;
static char *verbs[8];
static int n_verbs;

/* What the kernel does behind our back after one call that changed something
 * is over before the next is timed; with many ports that is a lot. */
static void settle(const char *verb)
{
	if (strcmp(verb, "CHECK") != 0 && strcmp(verb, "STATUS") != 0 && !quiet)
		nanosleep(&(struct timespec){ 0, 50 * 1000 * 1000 }, NULL);
}

/* The text of a suite's file, empty where there is none. To be freed. */
static char *read_file(const char *folder, const char *name)
{
	char path[PATH_MAX], *text = malloc(TEXT);
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (!text)
		die("malloc");
	f = fopen(path, "re");
	text[0] = '\0';
	if (!f)
		return text;
	len = fread(text, 1, TEXT - 1, f);
	if (len == TEXT - 1 || ferror(f))
		die(path);
	text[len] = '\0';
	fclose(f);
	return text;
}

static void load_suite(struct suite *s, const char *folder)
{
	char *chain = read_file(folder, "chain"), *known, name[NAME + 8];

	s->folder = folder;
	s->name = strrchr(folder, '/') + 1;
	for (char *p = strtok(chain, "\n"); p && s->n_plugins < PLUGINS;
	     p = strtok(NULL, "\n")) {
		snprintf(s->plugins[s->n_plugins], NAME, "%s", p);
		snprintf(name, sizeof(name), "%s.json",
			 s->plugins[s->n_plugins]);
		s->conf[s->n_plugins++] = read_file(folder, name);
	}
	free(chain);
	known = read_file(folder, "verbs");
	snprintf(s->verbs, sizeof(s->verbs), "%s", known);
	free(known);
	s->alive = read_file(folder, "alive");
}

static bool knows(const struct suite *s, const char *verb)
{
	return !s->verbs[0] || strstr(s->verbs, verb);
}

/* A plugin's input: its configuration, and what the verb adds to it. */
static void write_input(const struct suite *s, const char *conf,
			const struct job *j, bool prev)
{
	const char *end = strrchr(conf, '}');
	FILE *f = fopen(j->in, "we");

	if (!f)
		die(j->in);
	fprintf(f, "%.*s", end ? (int)(end - conf) : INT_MAX, conf);
	if (strcmp(j->call.command, "GC") == 0)
		fprintf(f,
			",\"cni.dev/valid-attachments\":[{\"containerID\":"
			"\"%s\",\"ifname\":\"eth0\"}%s]",
			j->id, s->alive);
	else if (prev)
		fprintf(f, ",\"prevResult\":%s", s->prev);
	if (end)
		fputs("}\n", f);
	if (fclose(f) != 0)
		die(j->in);
}

/* The call of a verb for a container, with files of the job's own. */
static void make_call(struct job *j, const struct suite *s, int plugin,
		      const char *verb, int number, int file)
{
	bool none = strcmp(verb, "NONE") == 0;
	const char *name = s->plugins[plugin];

	j->number = number;
	snprintf(j->plugin, PATH_MAX, "%s/bin/%s", s->folder, name);
	snprintf(j->id, sizeof(j->id), "c%d", number);
	snprintf(j->netns, PATH_MAX, "%s/ns/%d", s->folder, number);
	snprintf(j->path, PATH_MAX, "%s/bin", s->folder);
	snprintf(j->in, PATH_MAX, "%s/in.%d", s->folder, file);
	snprintf(j->out, PATH_MAX, "%s/out.%d", s->folder, file);
	j->call =
		(struct call){ .plugin = j->plugin,
			       .command = none ? "DEL" : verb,
			       .id = j->id,
			       .netns = none ? "" : j->netns,
			       .ifname = strcmp(name, "loopback") == 0 ? "lo"
								       : "eth0",
			       .path = j->path,
			       .in = j->in,
			       .out = j->out };
	write_input(s, s->conf[plugin], j, s->prev[0] && !none);
}

static void head(const struct suite *s, const char *plugin, const char *verb,
		 int round, int status)
{
	printf("{\"scene\":\"%s\",\"x\":%.0f,\"suite\":\"%s\","
	       "\"plugin\":\"%s\",\"verb\":\"%s\",\"round\":%d,\"exit\":%d,",
	       scene, abscissa, s->name, plugin, verb, round, status);
}

static void tell(const struct suite *s, const char *plugin, const char *verb,
		 int round, const struct took *t)
{
	if (quiet)
		return;
	head(s, plugin, verb, round, t->status);
	printf("\"wall_us\":%.0f,\"cpu_us\":%.0f,\"minflt\":%ld,"
	       "\"majflt\":%ld,\"maxrss_kib\":%ld}\n",
	       t->wall, t->cpu, t->minflt, t->majflt, t->maxrss);
}

static void tell_counts(const struct suite *s, const char *plugin,
			const char *verb, int round, const struct counts *c)
{
	head(s, plugin, verb, round, c->status);
	printf("\"processes\":%ld,\"rtnetlink\":%ld,\"nft\":%ld}\n",
	       c->processes, c->route, c->commit);
}

static void complain(const struct suite *s, const struct job *j, int status)
{
	char *out;

	if (!status)
		return;
	out = read_file("", j->out + 1);
	fprintf(stderr, "%s: %s: %s of %s exits with %d: %s\n", scene, s->name,
		j->call.command, j->plugin, status, out);
	free(out);
}

static void sum(struct took *all, const struct took *one)
{
	all->wall += one->wall;
	all->cpu += one->cpu;
	all->minflt += one->minflt;
	all->majflt += one->majflt;
	if (one->maxrss > all->maxrss)
		all->maxrss = one->maxrss;
	if (!all->status)
		all->status = one->status;
}

/* One plugin's call, told and added to what the chain's took. */
static void call_one(struct suite *s, int plugin, const char *verb, int number,
		     struct took *all, struct counts *all_counts)
{
	struct took took = { 0 };
	struct counts counts;
	char trace[PATH_MAX];
	struct run run;
	static struct job j;

	make_call(&j, s, plugin, verb, number, 0);
	if (counting) {
		snprintf(trace, sizeof(trace), "%s/trace", s->folder);
		count_call(&j.call, trace, &counts);
		tell_counts(s, s->plugins[plugin], verb, number, &counts);
		took.status = counts.status;
		all_counts->processes += counts.processes;
		all_counts->route += counts.route;
		all_counts->commit += counts.commit;
	} else {
		run_start(&run, &j.call);
		run_wait(&run, 1, &took);
		tell(s, s->plugins[plugin], verb, number, &took);
	}
	complain(s, &j, took.status);
	sum(all, &took);
}

/* A verb of the chain, for one container. */
static void call_chain(struct suite *s, const char *verb, int number)
{
	bool add = strcmp(verb, "ADD") == 0;
	bool back = strcmp(verb, "DEL") == 0 || strcmp(verb, "NONE") == 0;
	struct counts counts = { 0 };
	struct took took = { 0 };
	int n = s->n_plugins;
	char *out;

	if (add)
		s->prev[0] = '\0';
	for (int i = 0; i < n; i++) {
		call_one(s, back ? n - 1 - i : i, verb, number, &took, &counts);
		if (!add)
			continue;
		out = read_file(s->folder, "out.0");
		snprintf(s->prev, TEXT, "%s", took.status ? "" : out);
		free(out);
	}
	counts.status = took.status;
	if (n > 1 && counting)
		tell_counts(s, "chain", verb, number, &counts);
	else if (n > 1)
		tell(s, "chain", verb, number, &took);
	settle(verb);
}

/* The plugins start on the suite's host. */
static void enter_host(const struct suite *s)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/host", s->folder);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		die(path);
	close(fd);
}

/* Suites in turns: whoever goes first in one round goes last in the next. */
static void in_turns(struct suite *s, int n, int first, int count)
{
	for (int i = 0; i < count; i++)
		for (int v = 0; v < n_verbs; v++)
			for (int k = 0; k < n; k++) {
				struct suite *one = &s[(k + i) % n];

				if (!knows(one, verbs[v]))
					continue;
				enter_host(one);
				call_chain(one, verbs[v], first + i);
			}
}

/* All containers of a suite, so many at once. */
static void at_once(struct suite *s, int jobs, int first, int count)
{
	static struct job job[JOBS];
	struct run run[JOBS] = { 0 };
	struct took all = { 0 }, took;
	double began = run_now();
	int begun = 0, busy = 0, k;

	enter_host(s);
	while (begun < count || busy) {
		for (k = 0; begun < count && k < jobs; k++) {
			if (run[k].pid)
				continue;
			job[k].verb = 0;
			make_call(&job[k], s, 0, verbs[0], first + begun++, k);
			run_start(&run[k], &job[k].call);
			busy++;
		}
		k = run_wait(run, jobs, &took);
		busy--;
		tell(s, s->plugins[0], verbs[job[k].verb], job[k].number,
		     &took);
		complain(s, &job[k], took.status);
		sum(&all, &took);
		if (++job[k].verb == n_verbs)
			continue;
		make_call(&job[k], s, 0, verbs[job[k].verb], job[k].number, k);
		run_start(&run[k], &job[k].call);
		busy++;
	}
	all.wall = run_now() - began;
	tell(s, "all", n_verbs > 1 ? "all" : verbs[0], first, &all);
	settle(verbs[n_verbs - 1]);
}

static _Noreturn void usage(void)
{
	fputs("usage: timer [-c | -j JOBS | -q] [-x X] SCENE FIRST COUNT "
	      "VERB,... SUITE...\n",
	      stderr);
	exit(2);
}

int main(int argc, char *argv[])
{
	struct suite *s = calloc(SUITES, sizeof(*s));
	int n, first, count, jobs = 0, c;

	while ((c = getopt(argc, argv, "cj:qx:")) != -1) {
		if (c == 'c')
			counting = true;
		else if (c == 'j')
			jobs = atoi(optarg);
		else if (c == 'q')
			quiet = true;
		else if (c == 'x')
			abscissa = atof(optarg);
		else
			usage();
	}
	argv += optind;
	n = argc - optind - 4;
	if (!s || n < 1 || n > SUITES || jobs > JOBS)
		usage();
	scene = argv[0];
	first = atoi(argv[1]);
	count = atoi(argv[2]);
	for (char *p = strtok(argv[3], ","); p && n_verbs < 8;
	     p = strtok(NULL, ","))
		verbs[n_verbs++] = p;
	for (int k = 0; k < n; k++)
		load_suite(&s[k], argv[4 + k]);
	/* a process that a plugin leaves behind would be noticed */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (!jobs)
		in_turns(s, n, first, count);
	for (int k = 0; jobs && k < n; k++)
		at_once(&s[(k + first) % n], jobs, first, count);
	return 0;
}
