/* SPDX-License-Identifier: GPL-2.0-or-later */
/* delegate-test.h - delegates that are shell scripts in the scratch folder */
#ifndef DELEGATE_TEST_H
#define DELEGATE_TEST_H

#include <errno.h>
#include <signal.h>

#include "base/auto.h"
#include "call.h"
#include "cni/delegate.h"
#include "scratch.h"

/* The outcome of the last call; good until the next one. */
struct outcome {
	int r;
	struct cni_err err;
	struct cni_result res;
	char log[1 << 16]; /* what went to our own stderr */
};

/* the configuration and the environment of the next call */
static const char *given_conf = "{\"name\":\"n\"}";
static const char *given_path = scratch;
static const char *given_netns = "/ns/of it";
static const char *given_version = "1.0.0";

/* Makes the file name a shell script. */
static inline const char *script(const char *name, const char *body)
{
	static char text[8192];

	snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", body);
	return put_file(name, text, 0755);
}

static inline struct outcome *delegate(const char *type, const char *verb)
{
	static struct outcome o;
	static const char *const env[] = { "PATH=/usr/bin:/bin",
					   "CNI_COMMAND=ADD",
					   "CNI_IFNAME=eth0",
					   "CNI_NETNS=/not/that/one",
					   "CNI_COMMAND=FLY",
					   "X=y",
					   NULL };
	struct cni_call call = {
		.self = "me",
		.command = "ADD",
		.netns = given_netns,
		.path = given_path,
		.env = (char *const *)env,
		.conf = { .raw = given_conf,
			  .raw_len = strlen(given_conf),
			  .version = given_version },
		.err_fd = file_with("", 0),
	};
	int before = open_files();

	cni_result_done(&o.res);
	o.err = (struct cni_err){ 0 };
	o.r = cni_delegate(&call, type, verb, &o.res, &o.err);
	EQ_INT(open_files(), before);
	EQ_INT(o.r < 0, o.err.set);
	read_back(call.err_fd, o.log, sizeof(o.log));
	return &o;
}

/* The delegate failed with that; more may be NULL for no details. */
#define FAILED(o, result, c, message, more)                                    \
	do {                                                                   \
		const struct outcome *o_ = (o);                                \
		EQ_INT(o_->r, result);                                         \
		EQ_INT(o_->err.code, c);                                       \
		EQ_STR(o_->err.msg, message);                                  \
		EQ_STR(o_->err.details, more);                                 \
	} while (0)

/* The text of a file in the scratch folder; good until the next call. */
static inline const char *text_of(const char *name)
{
	static char buf[1 << 16];
	int fd = open(path_of(name), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return "(no file)";
	read_back(fd, buf, sizeof(buf));
	return buf;
}

#endif
