/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * whole-call.h - whole calls of the real plugins in this process: a host and a
 * sandbox, and a configuration that this executable is the IPAM plugin of
 */
#ifndef WHOLE_CALL_H
#define WHOLE_CALL_H

#include "call.h"
#include "note-file.h"
#include "route-test.h"
#include "scratch.h"

static int host = -1, sandbox = -1; /* their namespaces */
static char out[1 << 16];	    /* what the last call said */

static inline int own_netns(void)
{
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

/* Makes a plugin of this build of that name, as builtin_find() wants it. */
static inline void install(const char *name)
{
	note_file_put(path_of(name), name, "this");
}

/* New namespaces; the process is on the host. */
static inline void set_up(void)
{
	if (host >= 0)
		close(host);
	if (sandbox >= 0)
		close(sandbox);
	EQ_INT(unshare(CLONE_NEWNET), 0);
	sandbox = own_netns();
	EQ_INT(unshare(CLONE_NEWNET), 0);
	host = own_netns();
}

/* Goes into the one or the other. */
static inline void enter(int netns)
{
	EQ_INT(setns(netns, CLONE_NEWNET), 0);
}

/* The environment and streams of a call; end_call() takes them back. */
static inline struct cni_io begin_call(const char *verb, const char *conf)
{
	static char command[32], path[128], netns[64];
	static const char *const env[] = { command,
					   path,
					   netns,
					   "CNI_IFNAME=eth0",
					   "CNI_CONTAINERID=c1",
					   "CNI_ARGS=IgnoreUnknown=1;IP=",
					   NULL };

	snprintf(command, sizeof(command), "CNI_COMMAND=%s", verb);
	snprintf(path, sizeof(path), "CNI_PATH=%s", scratch);
	snprintf(netns, sizeof(netns), "CNI_NETNS=/proc/self/fd/%d", sandbox);
	return (struct cni_io){ .env = (char *const *)env,
				.in = file_with(conf, strlen(conf)),
				.out = file_with("", 0),
				.err = file_with("", 0) };
}

static inline void end_call(const struct cni_io *io)
{
	close(io->in);
	close(io->err);
	read_back(io->out, out, sizeof(out));
}

static inline int run_with(const struct cni_plugin *const plugins[],
			   const struct cni_plugin *plugin, const char *verb,
			   const char *conf)
{
	const struct cni_program program = { "this", plugins };
	struct cni_io io = begin_call(verb, conf);
	int r;

	io.program = &program;
	r = cni_run(plugin, &io);
	end_call(&io);
	return r;
}

#endif
