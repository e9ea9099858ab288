/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cni.h - what a plugin is, what it is given, and how it is run */
#ifndef CNI_H
#define CNI_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/name.h"
#include "cni/result.h"

/* stdin may hold this much, in bytes; more is refused with code 5 */
#define CNI_STDIN_MAX (4u << 20)

/* The network configuration. Everything is borrowed by the plugin. */
struct cni_conf {
	const char *raw; /* stdin as received; a delegate gets exactly this */
	size_t raw_len;
	cJSON *json;	     /* never NULL in a handler */
	const char *version; /* supported; "0.1.0" where absent */
	const char *name;
	const char *type;      /* NULL where absent */
	cJSON *ipam;	       /* object or NULL */
	const char *ipam_type; /* NULL where absent or empty */
	cJSON *runtime_config; /* object or NULL */
	cJSON *args_cni;       /* args.cni, object or NULL */
	struct cni_dns dns;
	bool has_prev; /* prevResult was given, and is in prev */
	struct cni_result prev;
};

struct cni_plugin;

/*
 * One call. Environment values are "" where unset. A DEL also has has_prev
 * false where prevResult does not parse: it must not depend on it.
 */
struct cni_call {
	const char *self; /* the plugin's own name; NULL: not known */
	const char *command, *netns, *args, *path;
	struct cni_attachment att; /* the network's name, CNI_CONTAINERID and
				      CNI_IFNAME */
	struct cni_conf conf;
	char *const *env; /* the environment, for delegates */
	int err_fd;	  /* where logs go */
	const struct cni_plugin *const *plugins; /* as in cni_io */
	/* GC: cni.dev/valid-attachments. absent or null: has_valid false */
	bool has_valid;
	struct cni_attachment *valid;
	size_t n_valid;
};

/* One call of ADD in progress: a plugin pushes undos and fills res. */
struct undo;

/*
 * A plugin. A handler that is NULL succeeds without doing anything. Handlers
 * return 0, or -1 after cni_fail(). add() fills res and pushes an undo for
 * what it did; the caller prints res, and runs the undos if that or add()
 * fails.
 */
struct cni_plugin {
	const char *name;
	const char *help; /* what it does and one working configuration */
	int (*add)(const struct cni_call *call, struct cni_result *res,
		   struct undo *undo, struct cni_err *err);
	int (*del)(const struct cni_call *call, struct cni_err *err);
	int (*check)(const struct cni_call *call, struct cni_err *err);
	int (*gc)(const struct cni_call *call, struct cni_err *err);
	int (*status)(const struct cni_call *call, struct cni_err *err);
};

/* Where a call gets its input and leaves its output. */
struct cni_io {
	char *const *env; /* "NAME=value", NULL at the end */
	int in, out, err;
	/* those in this executable, NULL at the end; NULL: none is known */
	const struct cni_plugin *const *plugins;
};

/*
 * One call without a process: for tests and fuzzers. Returns the exit status:
 * 0, or 1 after one error JSON on io->out.
 */
int cni_run(const struct cni_plugin *plugin, const struct cni_io *io);

/*
 * What main() returns: cni_run() on the process's own environment and
 * streams, and --help and --version for a person. plugins are those of this
 * executable, NULL at the end: a single one is it under any name, of several
 * it is the one that the executable was called as.
 */
int cni_main(const struct cni_plugin *const plugins[], int argc, char *argv[]);

/*
 * CNI_ARGS: finds the value of key (names are case-sensitive) among the
 * plugin's known keys, a NULL-terminated list. Returns 1 and an owned copy
 * in *ret, 0 where the key is absent or its value empty, or -1 and the reason
 * in err (code 4): a pair without '=', or an unknown key without
 * IgnoreUnknown=1. Call it on every verb, as the reference does, once for
 * each key.
 */
int cni_args_get(const char *args, const char *const known[], const char *key,
		 char **ret, struct cni_err *err);

/* GC: whether (id, ifname) is among the valid attachments */
bool cni_is_valid(const struct cni_call *call, const char *id,
		  const char *ifname);

#endif
