/* SPDX-License-Identifier: GPL-2.0-or-later */
/* storm.h - what a storm knows of networks, attachments and calls */
#ifndef STORM_H
#define STORM_H

#include <net/if.h>
#include <stdbool.h>
#include <sys/types.h>

#define NETS_MAX 8
#define PODS_MAX 256
#define JOBS_MAX 256
#define IPS_MAX 4
#define IP_LEN 48
#define PATH_LEN 64
#define OUTPUT_MAX 16384

enum verb {
	ADD,
	CHECK,
	DEL,
	GC,
	VERBS
};
extern const char *const verb_names[VERBS];

/* whose attachments a GC has in its list */
enum list {
	LIST_ATTACHED,
	LIST_ALL_BUT_LOST
};

/* one pod in one network: container ID p<pod>, interface eth<net> */
struct att {
	bool attached; /* as a runtime would know, once its call is over */
	bool lost;     /* attached, but the runtime forgot it: for GC */
	bool doomed;   /* lost when the running GC's list was made */
	bool busy;     /* a call is under way */
	char ip[IPS_MAX][IP_LEN]; /* not free for others now */
};

struct net {
	char plugin[32];
	char link[IFNAMSIZ]; /* its MAC address must not change; "-": none */
	char *conf;
	struct att att[PODS_MAX];
	unsigned changing; /* ADDs and DELs under way */
	unsigned since_gc; /* calls since the last GC */
	bool gc;	   /* one is under way */
	unsigned char mac[6];
	bool has_mac;
};

struct call {
	pid_t pid;
	enum verb verb;
	int net, pod; /* pod is -1 for GC */
	double start;
	bool killed;
};

struct storm {
	struct net net[NETS_MAX];
	int nets, pods;
	const char *folder;
	struct call call[JOBS_MAX];
	int running;
	int sock; /* for ioctl() */
	unsigned count[VERBS], failed;
	double slowest[VERBS];
};

/* Reads networks, counts pods and learns which are attached; goes there. */
void storm_load(struct storm *s, const char *folder);

/* Starts a call. GC's list is as asked for; other verbs ignore it. */
void call_start(struct storm *s, enum verb verb, int net, int pod,
		enum list list);

/* Waits for any call, judges it and tells the attachment's new state. */
void call_wait(struct storm *s);

/* Prints what was counted, to stdout. */
void storm_report(const struct storm *s);

double storm_now(void);
__attribute__((noreturn)) void storm_die(const char *what);

/* The name of the file with the result of an ADD. */
void storm_result_path(char path[PATH_LEN], int net, int pod);

/* A file's text, cut to what fits; empty where there is none. */
void storm_read(const char *path, char *buf, size_t size);

/* How many addresses a result has. */
int storm_read_ips(const char *result, char ip[IPS_MAX][IP_LEN]);

#endif
