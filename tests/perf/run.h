/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run.h - one call of a plugin as a process, and what it took */
#ifndef PERF_RUN_H
#define PERF_RUN_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

/* A call. All paths are absolute; netns may be empty. */
struct call {
	const char *plugin;  /* the executable */
	const char *command; /* CNI_COMMAND */
	const char *id;	     /* CNI_CONTAINERID */
	const char *netns;   /* CNI_NETNS */
	const char *ifname;  /* CNI_IFNAME */
	const char *path;    /* CNI_PATH */
	const char *in;	     /* the file that is its stdin */
	const char *out;     /* the file that its stdout goes to */
};

struct run {
	pid_t pid;
	double began; /* run_now(), before the process existed */
};

/*
 * What a call took, with all processes that it started and waited for. A
 * resident set is the largest one of them, in KiB. It counts from a process's
 * birth, when it was still a copy of the one that measures: that one is small
 * and linked statically. Kernels since 6.2 count pages by processor and add
 * them up by 32, of each kind of page: a small process has as many less, or 0.
 */
struct took {
	double wall, cpu; /* us; cpu is user's and system's */
	long minflt, majflt, maxrss;
	int status; /* as of an exit; 128 and the signal's number if killed */
};

/* Says what failed and errno's reason, and ends the program. */
static inline _Noreturn void die(const char *what)
{
	perror(what);
	exit(2);
}

/* CLOCK_MONOTONIC in us. */
double run_now(void);

/* Starts a call. Ends the program if it cannot. */
void run_start(struct run *run, const struct call *call);

/* The same by another program, which is found in PATH and has these arguments.
 */
void run_start_by(struct run *run, const struct call *call, char *argv[]);

/*
 * Waits for one of n calls that were started, those with a pid. Returns its
 * index, and clears its pid.
 */
int run_wait(struct run *runs, int n, struct took *took);

#endif
