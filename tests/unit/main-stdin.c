// SPDX-License-Identifier: GPL-2.0-or-later
/* main-stdin.c - how much is read, from what, and that it arrives whole */
#include "call.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

static size_t raw_len;
static char raw_first[64];

static int status(const struct cni_call *call, struct cni_err *err)
{
	(void)err;
	raw_len = call->conf.raw_len;
	snprintf(raw_first, sizeof(raw_first), "%s", call->conf.raw);
	return 0;
}

static const struct cni_plugin fake = { .name = "fake",
					.status = STEP(status) };

#define CONF "{ \"name\":\"n\",\t\"cniVersion\":\"1.1.0\" }\n"

static const char *const status_env[] = { "CNI_COMMAND=STATUS", "CNI_PATH=/x",
					  NULL };
#define STATUS_ENV ((char *const *)status_env)

/* CONF and spaces up to that size, in memory */
static int sized(size_t size)
{
	int fd = file_with(CONF, strlen(CONF));
	char *spaces = malloc(size);

	if (!spaces)
		abort();
	memset(spaces, ' ', size);
	size -= strlen(CONF);
	if (pwrite(fd, spaces, size, (off_t)strlen(CONF)) != (ssize_t)size)
		abort();
	free(spaces);
	return fd;
}

static void keeps_the_bytes_as_they_came(void)
{
	IS_OK(call(&fake, STATUS_ENV, CONF), "");
	EQ_INT(raw_len, strlen(CONF));
	EQ_STR(raw_first, CONF);
}

static void takes_what_the_limit_allows(void)
{
	int fd = sized(CNI_STDIN_MAX);

	EQ_INT(CNI_STDIN_MAX, 4 << 20);
	IS_OK(call_fd(&fake, STATUS_ENV, fd), "");
	EQ_INT(raw_len, CNI_STDIN_MAX);
	close(fd);
}

static void refuses_one_byte_more(void)
{
	int fd = sized(CNI_STDIN_MAX + 1);

	IS_ERROR(call_fd(&fake, STATUS_ENV, fd), "1.1.0", 5,
		 "error reading from stdin: more than 4194304 bytes", NULL);
	close(fd);
}

static void endless_input_is_not_read_to_its_end(void)
{
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	IS_ERROR(call_fd(&fake, STATUS_ENV, fd), "1.1.0", 5,
		 "error reading from stdin: more than 4194304 bytes", NULL);
	close(fd);
}

static void refuses_what_cannot_be_read(void)
{
	int fd = open("/", O_RDONLY | O_CLOEXEC);

	IS_ERROR(call_fd(&fake, STATUS_ENV, fd), "1.1.0", 5,
		 "error reading from stdin", "Is a directory");
	close(fd);
	IS_ERROR(call_fd(&fake, STATUS_ENV, -1), "1.1.0", 5,
		 "error reading from stdin", "Bad file descriptor");
}

/* writes text byte by byte, each when the one before was taken */
static void drip(int fd, const char *text)
{
	for (; *text; text++)
		if (write(fd, text, 1) != 1)
			_exit(1);
	_exit(0);
}

static void from_a_pipe(int flags)
{
	int p[2], st = -1;
	pid_t pid;

	if (pipe2(p, O_CLOEXEC) < 0)
		abort();
	if (fcntl(p[0], F_SETFL, flags) < 0)
		abort();
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(p[0]);
		drip(p[1], CONF);
	}
	close(p[1]);
	raw_len = 0;
	IS_OK(call_fd(&fake, STATUS_ENV, p[0]), "");
	EQ_INT(raw_len, strlen(CONF));
	EQ_STR(raw_first, CONF);
	close(p[0]);
	EQ_INT(waitpid(pid, &st, 0), pid);
	EQ_INT(st, 0);
}

static void may_come_in_pieces(void)
{
	from_a_pipe(0);
}

static void may_be_non_blocking(void)
{
	for (int i = 0; i < 20; i++)
		from_a_pipe(O_NONBLOCK);
}

/* 'S' for a process that sleeps, 'Z' for one that is gone */
static char state_of(pid_t pid)
{
	char path[64], state = '?';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f || fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		abort();
	fclose(f);
	return state;
}

static void waits_for_a_non_blocking_stdin(void)
{
	struct cni_io io = {
		.env = STATUS_ENV, .in = -1, .out = file_with("", 0), .err = -1
	};
	char state = '?';
	int p[2], st = -1;
	pid_t pid;

	if (pipe2(p, O_CLOEXEC | O_NONBLOCK) < 0)
		abort();
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(p[1]);
		io.in = p[0];
		_exit(cni_run(&fake, &io));
	}
	for (int i = 0; i < 5000 && state != 'S' && state != 'Z'; i++) {
		poll(NULL, 0, 1);
		state = state_of(pid);
	}
	EQ_INT(state, 'S');
	EQ_INT(write(p[1], CONF, strlen(CONF)), strlen(CONF));
	close(p[1]);
	EQ_INT(waitpid(pid, &st, 0), pid);
	EQ_INT(st, 0);
	close(p[0]);
	close(io.out);
}

static void depth_is_limited(void)
{
	static char conf[4096];
	int n = snprintf(conf, sizeof(conf),
			 "{\"name\":\"n\",\"cniVersion\":\"1.1.0\",\"x\":");

	memset(conf + n, '[', 199);
	memset(conf + n + 199, ']', 199);
	memcpy(conf + n + 398, "}", 2);
	IS_OK(call(&fake, STATUS_ENV, conf), "");
	memset(conf + n, '[', 200);
	memset(conf + n + 200, ']', 200);
	memcpy(conf + n + 400, "}", 2);
	IS_ERROR(call(&fake, STATUS_ENV, conf), "1.1.0", 6,
		 "error unmarshall network config: nested too deeply at byte "
		 "236: more than 200",
		 NULL);
}

TAP_MAIN(TEST(keeps_the_bytes_as_they_came), TEST(takes_what_the_limit_allows),
	 TEST(refuses_one_byte_more),
	 TEST(endless_input_is_not_read_to_its_end),
	 TEST(refuses_what_cannot_be_read), TEST(may_come_in_pieces),
	 TEST(may_be_non_blocking), TEST(waits_for_a_non_blocking_stdin),
	 TEST(depth_is_limited))
