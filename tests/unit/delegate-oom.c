// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * delegate-oom.c - a delegate that is held while each allocation of that fails:
 * it is not there then, and that is said
 */
#include "delegate-test.h"

#include <sys/wait.h>

#include "failing-malloc.h"

static void held_or_not_there(void)
{
	static char *const env[] = { (char *)"PATH=/usr/bin:/bin",
				     (char *)"CNI_COMMAND=ADD", NULL };
	struct cni_call call = { .netns = "",
				 .path = scratch,
				 .env = env,
				 .conf = { .raw = "{}", .raw_len = 2 },
				 .err_fd = file_with("", 0) };
	int before = open_files(), failed = 0;
	struct cni_child *child;
	struct cni_err err;

	script("sleeper", "cat");
	for (long n = 1; n < 100; n++) {
		bool done;
		int r;

		err = (struct cni_err){ 0 };
		count = 0;
		fail_at = n;
		r = cni_delegate_hold(&call, "sleeper", "DEL", &child, &err);
		fail_at = 0;
		done = count < n;
		if (r == 0) {
			/* the C library can do without some, but there it is */
			EQ_INT(waitpid(-1, NULL, WNOHANG), 0);
			EQ_INT(cni_delegate_finish(&call, child, NULL, &err),
			       -1);
		} else {
			EQ_INT(r, -2);
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
	/* of itself, its path, its environment at least */
	OK(failed >= 3);
	close(call.err_fd);
}

TAP_MAIN(TEST(held_or_not_there))
