// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * delegate-oom.c - a delegate while each allocation of ours fails: it did not
 * run then, or ran and was waited for, and that is said
 */
#include "delegate-test.h"

#include <sys/wait.h>

#include "failing-malloc.h"

static void ran_or_did_not(void)
{
	static char *const env[] = { (char *)"PATH=/usr/bin:/bin",
				     (char *)"CNI_COMMAND=ADD", NULL };
	struct cni_call call = { .netns = "",
				 .path = scratch,
				 .env = env,
				 .conf = { .raw = "{}", .raw_len = 2 },
				 .err_fd = file_with("", 0) };
	int before = open_files(), failed = 0;
	struct cni_err err;

	script("runs", "echo >\"${0%/*}/ran\"");
	for (long n = 1; n < 100; n++) {
		bool done;
		int r;

		unlink(path_of("ran"));
		err = (struct cni_err){ 0 };
		count = 0;
		fail_at = n;
		r = cni_delegate(&call, "runs", "DEL", NULL, &err);
		fail_at = 0;
		done = count < n;
		if (r == 0) {
			/* the C library can do without some */
			OK(access(path_of("ran"), F_OK) == 0);
		} else {
			EQ_INT(r, -2);
			OK(access(path_of("ran"), F_OK) < 0);
			OK(err.set && !done);
			OK(!*err.details ||
			   strcmp(err.details, "Cannot allocate memory") == 0);
			failed++;
		}
		EQ_INT(open_files(), before);
		EQ_INT(waitpid(-1, NULL, WNOHANG), -1);
		if (done)
			break;
	}
	/* of its path and its environment at least */
	OK(failed >= 2);
	close(call.err_fd);
}

TAP_MAIN(TEST(ran_or_did_not))
