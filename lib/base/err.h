/* SPDX-License-Identifier: GPL-2.0-or-later */
/* err.h - the error a verb reports; fixed size, so reporting cannot fail */
#ifndef CNI_ERR_H
#define CNI_ERR_H

#include <stdbool.h>
#include <stddef.h>

/* Error codes: the specification's, the reference library's 8 and 999, ours. */
enum cni_code {
	CNI_EUNKNOWN = 0, /* a delegate's report that gave no code */
	CNI_EVERSION = 1,
	CNI_EUNSUPPORTED = 2,
	CNI_EENV = 4,
	CNI_EIO = 5,
	CNI_EDECODE = 6,
	CNI_ECONF = 7,
	CNI_ENETNS = 8,
	CNI_EAGAIN = 11,
	CNI_ENOTREADY = 50,
	CNI_ELIMITED = 51,
	/* ours, listed with examples in doc/errors.md */
	CNI_EKERNEL = 100, /* the kernel refused a step */
	CNI_EPOOL = 101,   /* no address left, or the one asked for is taken */
	CNI_EEXIST = 102,  /* the interface or address is there already */
	CNI_EDELEGATE = 103, /* a delegate is missing or cannot be run */
	CNI_ESTATE = 104,    /* CHECK: the attachment differs from its result */
	CNI_EINTERNAL = 999,
};

/* Zero-initialise before use; set says whether anything was reported. */
struct cni_err {
	bool set;
	unsigned code;
	char msg[1024];
	char details[2048];
};

/*
 * Reports what failed. r is 0 or a -errno whose text becomes the details.
 * The first report wins: a later one is appended to the details, for the
 * steps of a DEL that go on after an error and for a failed undo. Messages
 * name the object, start in lower case and have no full stop.
 * Returns -1, always, so that a caller can return it.
 */
int cni_fail(struct cni_err *err, unsigned code, int r, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Reports for CHECK what is not as it should be: code 104. Evaluates to -1. */
#define cni_differs(err, ...) cni_fail(err, CNI_ESTATE, 0, __VA_ARGS__)

/* Appends to the details, after "; " where there are some already. */
void cni_detail(struct cni_err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts text before the message. */
void cni_err_prefix(struct cni_err *err, const char *text);

/*
 * The error as the specification's JSON with cniVersion, for stdout.
 * Returns an owned string, or NULL for lack of memory.
 */
char *cni_err_json(const struct cni_err *err, const char *version);

#endif
