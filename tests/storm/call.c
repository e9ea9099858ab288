// SPDX-License-Identifier: GPL-2.0-or-later
/* call.c - one call of a plugin: its input and its process */
#include "storm.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void put_list(const struct storm *s, int net, enum list list, FILE *f)
{
	const char *comma = "";

	fputs("\"cni.dev/valid-attachments\":[", f);
	for (int pod = 0; pod < s->pods; pod++) {
		const struct att *a = &s->net[net].att[pod];

		if (a->lost || (list == LIST_ATTACHED && !a->attached))
			continue;
		fprintf(f, "%s{\"containerID\":\"p%d\",\"ifname\":\"eth%d\"}",
			comma, pod, net);
		comma = ",";
	}
	fputc(']', f);
}

/* The configuration, with what a runtime adds to it. */
static void write_input(const struct storm *s, const struct call *c,
			const char *path, enum list list)
{
	const char *conf = s->net[c->net].conf;
	char result[OUTPUT_MAX], name[PATH_LEN];
	FILE *f = fopen(path, "we");

	if (!f)
		storm_die(path);
	fprintf(f, "%.*s", (int)strlen(conf) - 1, conf);
	result[0] = '\0';
	if (c->verb == CHECK || c->verb == DEL) {
		storm_result_path(name, c->net, c->pod);
		storm_read(name, result, sizeof(result));
	}
	if (*result)
		fprintf(f, ",\"prevResult\":%s", result);
	if (c->verb == GC) {
		fputc(',', f);
		put_list(s, c->net, list, f);
	}
	fputc('}', f);
	if (fclose(f) != 0)
		storm_die(path);
}

/* --- the process -------------------------------------------------------- */

static void forget_addresses(struct att *a)
{
	memset(a->ip, 0, sizeof(a->ip));
}

static void set_number(const char *name, const char *before, int number)
{
	char value[64];

	snprintf(value, sizeof(value), "%s%d", before, number);
	setenv(name, value, 1);
}

static void set_environment(const struct storm *s, const struct call *c)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/bin", s->folder);
	setenv("CNI_PATH", path, 1);
	setenv("CNI_COMMAND", verb_names[c->verb], 1);
	if (c->verb == GC) {
		unsetenv("CNI_CONTAINERID");
		unsetenv("CNI_NETNS");
		unsetenv("CNI_IFNAME");
		return;
	}
	set_number("CNI_CONTAINERID", "p", c->pod);
	set_number("CNI_IFNAME", "eth", c->net);
	snprintf(path, sizeof(path), "%s/ns/%d", s->folder, c->pod);
	setenv("CNI_NETNS", path, 1);
}

/* Notes what is known of an attachment from the moment its call starts. */
static void note_start(struct storm *s, const struct call *c)
{
	struct net *n = &s->net[c->net];

	s->running++;
	n->changing += c->verb == ADD || c->verb == DEL;
	n->since_gc++;
	if (c->verb != GC) {
		n->att[c->pod].busy = true;
		/* its addresses may be another one's before DEL ends */
		if (c->verb == DEL)
			forget_addresses(&n->att[c->pod]);
		return;
	}
	n->gc = true;
	for (int pod = 0; pod < s->pods; pod++) {
		n->att[pod].doomed = n->att[pod].lost;
		if (n->att[pod].doomed)
			forget_addresses(&n->att[pod]);
	}
}

void call_start(struct storm *s, enum verb verb, int net, int pod,
		enum list list)
{
	struct net *n = &s->net[net];
	char in[32], out[32], err[32], path[64];
	char *argv[] = { n->plugin, NULL };
	posix_spawn_file_actions_t fa;
	struct call *c = s->call;
	int r;

	while (c->pid)
		c++;
	*c = (struct call){ .verb = verb, .net = net, .pod = pod };
	snprintf(in, sizeof(in), "in/%d", (int)(c - s->call));
	snprintf(out, sizeof(out), "out/%d", (int)(c - s->call));
	snprintf(err, sizeof(err), "err/%d", (int)(c - s->call));
	snprintf(path, sizeof(path), "bin/%s", n->plugin);
	write_input(s, c, in, list);
	set_environment(s, c);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, in, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&fa, 1, out,
					 O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_addopen(&fa, 2, err,
					 O_WRONLY | O_CREAT | O_TRUNC, 0600);
	c->start = storm_now();
	r = posix_spawn(&c->pid, path, &fa, NULL, argv, environ);
	if (r != 0) {
		errno = r;
		storm_die(path);
	}
	posix_spawn_file_actions_destroy(&fa);
	note_start(s, c);
}
