// SPDX-License-Identifier: GPL-2.0-or-later
/* storm.c - files of the folder, what is known at the start and in the end */
#include "storm.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

const char *const verb_names[VERBS] = { "ADD", "CHECK", "DEL", "GC" };

double storm_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void storm_die(const char *what)
{
	perror(what);
	exit(2);
}

void storm_result_path(char path[PATH_LEN], int net, int pod)
{
	snprintf(path, PATH_LEN, "res/%d-%d", net, pod);
}

void storm_read(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(buf, 1, size - 1, f) : 0;

	buf[n] = '\0';
	if (f)
		fclose(f);
}

int storm_read_ips(const char *result, char ip[IPS_MAX][IP_LEN])
{
	static const char key[] = "\"address\": \"";
	int n = 0;

	while (n < IPS_MAX && (result = strstr(result, key))) {
		result += strlen(key);
		snprintf(ip[n++], IP_LEN, "%.*s", (int)strcspn(result, "/\""),
			 result);
	}
	return n;
}

/* A line each: plugin, link, and the configuration, an object. */
static void load_networks(struct storm *s)
{
	FILE *f = fopen("networks", "re");
	char line[4096], conf[4096];

	if (!f)
		storm_die("networks");
	while (s->nets < NETS_MAX && fgets(line, sizeof(line), f)) {
		struct net *n = &s->net[s->nets++];

		if (sscanf(line, "%31s %15s %4095[^\n]", n->plugin, n->link,
			   conf) != 3 ||
		    !(n->conf = strdup(conf)))
			storm_die(line);
	}
	fclose(f);
}

static void on_tick(int sig)
{
	(void)sig;
}

void storm_load(struct storm *s, const char *folder)
{
	const struct itimerval tick = { { 1, 0 }, { 1, 0 } };
	const struct sigaction act = { .sa_handler = on_tick };
	char path[PATH_LEN], text[OUTPUT_MAX];
	struct stat st;

	s->folder = folder;
	if (chdir(folder) < 0)
		storm_die(folder);
	load_networks(s);
	s->sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (; s->pods < PODS_MAX; s->pods++) {
		snprintf(path, sizeof(path), "ns/%d", s->pods);
		if (stat(path, &st) < 0)
			break;
	}
	for (int net = 0; net < s->nets; net++)
		for (int pod = 0; pod < s->pods; pod++) {
			storm_result_path(path, net, pod);
			storm_read(path, text, sizeof(text));
			if (!*text)
				continue;
			s->net[net].att[pod].attached = true;
			storm_read_ips(text, s->net[net].att[pod].ip);
		}
	/* a wait for a call that hangs ends once a second */
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
}

void storm_report(const struct storm *s)
{
	for (int v = 0; v < VERBS; v++)
		printf("%s %u %.0f\n", verb_names[v], s->count[v],
		       s->slowest[v] * 1000);
	printf("failed %u\n", s->failed);
}
