/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process.h - a plugin's process: its start, its streams, its end */
#ifndef CNI_PROCESS_H
#define CNI_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PROCESS_WORDS 1024	      /* of stderr, for the message */
#define PROCESS_OUTPUT_MAX (4u << 20) /* bytes of stdout */

/* Start with PROCESS_NONE, end with process_done(). */
struct process {
	pid_t pid;
	int out, err; /* read ends of its stdout and stderr */
	char *output; /* its stdout, len bytes and a NUL; NULL for none */
	size_t len;
	char first_words[PROCESS_WORDS]; /* the start of its stderr */
	size_t words;
};

#define PROCESS_NONE                                                           \
	(struct process)                                                       \
	{                                                                      \
		.pid = -1, .out = -1, .err = -1                                \
	}

/* Starts the program with these len bytes as its stdin. Returns 0 or -errno. */
int process_start(struct process *p, const char *file, char **env,
		  const char *data, size_t len);

/*
 * Reads its output, passing its stderr on to err_fd as it comes, and waits
 * for its end, for ms milliseconds at most, -1 for as long as it takes. Returns
 * 0 and what waitpid(2) says in *status, or -errno: -EFBIG if it said more than
 * PROCESS_OUTPUT_MAX; -ETIME if it took longer, then it was killed.
 */
int process_finish(struct process *p, int err_fd, int ms, int *status);

/* Frees what p owns; a process that still runs loses its streams. */
void process_done(struct process *p);

static inline void process_auto(struct process *p)
{
	process_done(p);
}

#endif
