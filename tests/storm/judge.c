// SPDX-License-Identifier: GPL-2.0-or-later
/* judge.c - the end of a call: what it did, and whether that is right */
#include "storm.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* no call waits that long for anything: a backstop, not a measure */
#define CALL_MAX_S 120
/* of the failures, so many are told in full */
#define TOLD_MAX 20

static void fail(struct storm *s, const struct call *c, const char *fmt, ...)
{
	char out[32], text[OUTPUT_MAX];
	va_list ap;

	if (s->failed++ >= TOLD_MAX)
		return;
	printf("failed: %s of p%d in network %d: ", verb_names[c->verb], c->pod,
	       c->net);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	snprintf(out, sizeof(out), "out/%d", (int)(c - s->call));
	storm_read(out, text, sizeof(text));
	printf("\nstdout: %s\n", text);
	snprintf(out, sizeof(out), "err/%d", (int)(c - s->call));
	storm_read(out, text, sizeof(text));
	printf("stderr: %s\n", text);
}

/* Whether that address is taken, and by which net and pod. */
static bool is_taken(const struct storm *s, const char *ip, int *net, int *pod)
{
	for (*net = 0; *net < s->nets; ++*net)
		for (*pod = 0; *pod < s->pods; ++*pod)
			for (int i = 0; i < IPS_MAX; i++)
				if (strcmp(s->net[*net].att[*pod].ip[i], ip) ==
				    0)
					return true;
	return false;
}

/* Takes the result's addresses down; nobody else may have one of them. */
static void take_addresses(struct storm *s, const struct call *c,
			   const char *result)
{
	char ip[IPS_MAX][IP_LEN] = { 0 };
	int n = storm_read_ips(result, ip), net, pod;

	for (int i = 0; i < n; i++)
		if (is_taken(s, ip[i], &net, &pod))
			fail(s, c, "%s is p%d's, of network %d", ip[i], pod,
			     net);
	if (n == 0 && strstr(s->net[c->net].conf, "\"ipam\""))
		fail(s, c, "no address");
	memcpy(s->net[c->net].att[c->pod].ip, ip, sizeof(ip));
}

/* The link's MAC, whenever it is there, is the one it had the first time. */
static void look_at_link(struct storm *s, const struct call *c)
{
	struct net *n = &s->net[c->net];
	struct ifreq req = { 0 };

	memcpy(req.ifr_name, n->link, sizeof(req.ifr_name));
	if (ioctl(s->sock, SIOCGIFHWADDR, &req) < 0)
		return;
	if (n->has_mac && memcmp(n->mac, req.ifr_hwaddr.sa_data, 6) != 0)
		fail(s, c, "%s has another MAC address now", n->link);
	memcpy(n->mac, req.ifr_hwaddr.sa_data, 6);
	n->has_mac = true;
}

static void finish_add(struct storm *s, const struct call *c, const char *out,
		       const char *text)
{
	char result[PATH_LEN];

	take_addresses(s, c, text);
	storm_result_path(result, c->net, c->pod);
	if (rename(out, result) < 0)
		storm_die(result);
	s->net[c->net].att[c->pod].attached = true;
}

static void finish_del(struct storm *s, const struct call *c)
{
	struct att *a = &s->net[c->net].att[c->pod];
	char result[PATH_LEN];

	storm_result_path(result, c->net, c->pod);
	unlink(result);
	a->attached = a->lost = false;
}

/* Doomed attachments are those that a GC was to take away, and so has. */
static void finish_gc(struct storm *s, const struct call *c)
{
	for (int pod = 0; pod < s->pods; pod++) {
		struct att *a = &s->net[c->net].att[pod];
		struct call of = { .net = c->net, .pod = pod };

		if (!a->doomed)
			continue;
		finish_del(s, &of);
		a->doomed = false;
	}
}

static void judge(struct storm *s, struct call *c, int status)
{
	double took = storm_now() - c->start;
	char out[32], err[32], text[OUTPUT_MAX], noise[OUTPUT_MAX];

	s->count[c->verb]++;
	if (took > s->slowest[c->verb])
		s->slowest[c->verb] = took;
	snprintf(out, sizeof(out), "out/%d", (int)(c - s->call));
	snprintf(err, sizeof(err), "err/%d", (int)(c - s->call));
	storm_read(out, text, sizeof(text));
	storm_read(err, noise, sizeof(noise));
	look_at_link(s, c);
	if (c->killed)
		fail(s, c, "no end after %d s", CALL_MAX_S);
	else if (status != 0)
		fail(s, c, "wait status 0x%x", (unsigned)status);
	else if (*noise || (c->verb != ADD && *text))
		fail(s, c, "it has something to say");
	else if (c->verb == ADD)
		finish_add(s, c, out, text);
	else if (c->verb == DEL)
		finish_del(s, c);
	else if (c->verb == GC)
		finish_gc(s, c);
}

static void kill_overdue(struct storm *s)
{
	for (struct call *c = s->call; c < s->call + JOBS_MAX; c++) {
		if (!c->pid || storm_now() - c->start < CALL_MAX_S)
			continue;
		kill(c->pid, SIGKILL);
		c->killed = true;
	}
}

void call_wait(struct storm *s)
{
	struct call *c = s->call;
	int status;
	pid_t pid;

	while ((pid = wait(&status)) < 0 && errno == EINTR)
		kill_overdue(s);
	if (pid < 0)
		storm_die("wait");
	while (c->pid != pid)
		c++;
	judge(s, c, status);
	c->pid = 0;
	s->running--;
	s->net[c->net].changing -= c->verb == ADD || c->verb == DEL;
	if (c->verb == GC) {
		s->net[c->net].gc = false;
		s->net[c->net].since_gc = 0;
	} else {
		s->net[c->net].att[c->pod].busy = false;
	}
}
