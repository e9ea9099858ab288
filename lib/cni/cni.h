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
	const char *raw; /* stdin as received; a delegate gets exactly this, but
			    for the list of a GC, see living() */
	size_t raw_len;
	cJSON *json;	     /* never NULL in a handler */
	const char *version; /* supported; "0.1.0" where absent */
	const char *name;
	const char *type;      /* NULL where absent */
	cJSON *ipam;	       /* object or NULL */
	const char *ipam_type; /* NULL where absent or empty */
	cJSON *runtime_config; /* object or NULL */
	cJSON *args_cni;       /* args.cni, object or NULL */
	char *edited;	       /* owned: raw, where it is not as received */
	struct cni_dns dns;
	bool has_prev; /* prevResult was given, and is in prev */
	struct cni_result prev;
};

struct cni_plugin;

/*
 * The program of an executable: its plugin, and those that it may delegate to
 * by calling a function, where the file in CNI_PATH is of the same build.
 */
struct cni_program {
	const char *build; /* as in the note that it carries (note.h) */
	const struct cni_plugin *const *plugins; /* its own first, then NULL
						    after the last */
};

/*
 * A call. Environment values are "" where unset. A DEL also has has_prev
 * false where prevResult does not parse: it must not depend on it.
 */
struct cni_call {
	const char *self; /* the plugin's own name; NULL: not known */
	const char *command, *netns, *args, *path;
	/* the sandbox: a descriptor of the namespace at netns, or the -errno of
	   ns_open(), as for DEL of one that is gone; -ENOENT where netns is ""
	 */
	int sandbox;
	struct cni_attachment att; /* the network's name, CNI_CONTAINERID and
				      CNI_IFNAME */
	struct cni_conf conf;
	const void *own;  /* what the plugin's conf() read; else NULL */
	char *const *env; /* the environment, for delegates */
	int err_fd;	  /* where logs go */
	const struct cni_program *program; /* as in cni_io */
	struct cni_later *later;	   /* see cni_later() */
	/* GC: cni.dev/valid-attachments. Absent: has_valid is false; so it is
	   where it is null, and nothing is known instead (see living()) */
	bool has_valid;
	struct cni_attachment *valid;
	size_t n_valid;
};

/*
 * A step of DEL, GC or STATUS. Returns 0, or -1 after cni_fail(). what says
 * what it does, for "could not <what>".
 */
struct cni_step {
	const char *what;
	int (*fn)(const struct cni_call *call, struct cni_err *err);
};

/*
 * Does fn(arg) when the call has done all else: for the close of a socket that
 * waits for the kernel to finish what was asked of it, while the next steps
 * are at work. At once where that is not a call of run_call().
 */
void cni_later(const struct cni_call *call, void (*fn)(void *arg), void *arg);

struct undo;
struct cni_key;

/* Flags of a plugin. */
enum {
	/* The plugin works in a sandbox: call->sandbox is open before add() and
	   check(), or the call fails with code 8. */
	CNI_SANDBOX = 1 << 0,
	/* An IPAM plugin: its result is its own alone, without prevResult. */
	CNI_IPAM = 1 << 1,
	/* Without an IPAM plugin, ADD, CHECK and STATUS fail with code 7. */
	CNI_NEEDS_IPAM = 1 << 2,
	/* The plugin changes what others made: without prevResult, ADD and
	   CHECK fail with code 7. add() is given a copy of it as own, which is
	   the whole result. */
	CNI_CHAINED = 1 << 3,
	/* An IPAM plugin whose addresses are this host's alone: no other one
	   had them before, or has them after. */
	CNI_POOL = 1 << 4,
};

/*
 * A plugin. Functions return 0, or -1 after cni_fail(); one that is NULL
 * succeeds without doing anything.
 *
 * keys, ended by an empty one, are what the configuration has for this plugin;
 * they are read into own, of conf_size zeroed bytes, before ADD, CHECK and
 * STATUS do anything. conf() then reads and validates what no key alone tells.
 * conf_done(), if not NULL, frees what own owns, also after a failure. DEL and
 * GC do without: the configuration may have changed. What ADD reports of all
 * this begins with add_prefix, where that is not NULL.
 *
 * add() fills own, the plugin's own part of the result, empty at first. The
 * result that is printed is own, and prevResult after it, with its indexes
 * shifted: consumers take the first interface and address for the plugin's.
 * Before each thing that it makes it marks the step of del that removes it
 * (undo_mark()); what is no step it pushes (undo_push()).
 *
 * check() is given own as add() filled it, as far as prevResult tells: the
 * interface CNI_IFNAME in the sandbox, its addresses, and the routes over it.
 *
 * del, gc and status are tables of steps, ended by an empty one. Each step is
 * run in order; those of del and gc whatever failed before.
 */
struct cni_plugin {
	const char *name;
	const char *help; /* what it does and one working configuration */
	unsigned flags;
	const struct cni_key *keys; /* keys.h */
	size_t conf_size;
	int (*conf)(const struct cni_call *call, void *own,
		    struct cni_err *err);
	void (*conf_done)(void *own);
	const char *add_prefix;
	int (*add)(const struct cni_call *call, struct cni_result *own,
		   struct undo *undo, struct cni_err *err);
	int (*check)(const struct cni_call *call, const struct cni_result *own,
		     struct cni_err *err);
	const struct cni_step *del, *gc, *status;
	/*
	 * GC with null for a list, which a runtime sends that has no attachment
	 * of the network, or that knows of none after a crash: *list becomes an
	 * owned array of the attachments that are seen to live, of objects as
	 * in cni.dev/valid-attachments, whose place it takes; or stays NULL
	 * where they are not all seen. Without the function none is.
	 */
	int (*living)(const struct cni_call *call, cJSON **list,
		      struct cni_err *err);
};

/* Where a call gets its input and leaves its output. */
struct cni_io {
	char *const *env; /* "NAME=value", NULL at the end */
	int in, out, err;
	const struct cni_program *program; /* NULL: every delegate is run */
};

/*
 * Carries out a call without a process: for tests and fuzzers. Returns the exit
 * status: 0, or 1 after one error JSON on io->out.
 */
int cni_run(const struct cni_plugin *plugin, const struct cni_io *io);

/*
 * main() of an executable: cni_run() of the program's first plugin, whatever
 * the executable is called, on the process's own environment and streams; and
 * --help, --version and --keys for a person. Returns the exit status.
 */
int cni_main(const struct cni_program *program, int argc, char *argv[]);

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
