// SPDX-License-Identifier: GPL-2.0-or-later
/* main-process.c - cni_main(): the process's own streams, signals, arguments */
#include "call.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "cni/delegate.h"
#include "cni/undo.h"
#include "scratch.h"

/* shared with the child that runs a call */
static struct shared {
	int undone, own_file;
} * shared;

static int undo_step(void *arg, struct cni_err *err)
{
	(void)arg;
	(void)err;
	shared->undone++;
	return 0;
}

/* opens a file, as a plugin does, and asks a delegate */
static int add(const struct cni_call *call, struct cni_result *res,
	       struct undo *undo, struct cni_err *err)
{
	shared->own_file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	undo_push(undo, "undo", undo_step, NULL, NULL);
	return cni_delegate(call, "ipam", "ADD", res, err);
}

static const struct cni_plugin fake = {
	.name = "fake",
	.help = "fake does nothing\n{\"type\": \"fake\"}\n",
	.add = add,
};
static const struct cni_plugin other = { .name = "other", .help = "other\n" };
static const struct cni_plugin *const both[] = { &fake, &other, NULL };
static const struct cni_program program = { "this", both };

/* what the next child is called by */
static const char *name = "whatever";

/* how the child differs from an ordinary one */
enum odd {
	PLAIN,
	NO_STDIN,
	NO_STDOUT,
	NO_STREAMS,
	NO_READER,
	IGNORED_CHLD
};

static char out[1 << 16], errout[1 << 16]; /* of the last child */

#define CONF "{\"cniVersion\":\"1.0.0\",\"name\":\"n\"}"

static void prepare(enum odd odd, int o, int e)
{
	int in = file_with(CONF, strlen(CONF));
	int p[2];

	if (pipe(p) < 0 || dup2(in, 0) < 0 || dup2(o, 1) < 0 || dup2(e, 2) < 0)
		_exit(99);
	if (odd == NO_READER) {
		dup2(p[1], 1);
		signal(SIGPIPE, SIG_DFL);
	}
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	if (odd == NO_STDIN || odd == NO_STREAMS)
		close(0);
	if (odd == NO_STDOUT || odd == NO_STREAMS)
		close(1);
	if (odd == NO_STREAMS)
		close(2);
	if (odd == IGNORED_CHLD)
		signal(SIGCHLD, SIG_IGN);
}

static void setup(void)
{
	if (!shared)
		shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	put_file("ipam",
		 "#!/bin/sh\n"
		 "echo '{\"ips\":[{\"address\":\"10.0.0.2/8\"}]}'\n",
		 0755);
}

/* cni_main() in a child; its wait status. command may be NULL. */
static int child(enum odd odd, const char *command, const char *argument)
{
	char *argv[] = { (char *)name, (char *)argument, NULL };
	int o = file_with("", 0), e = file_with("", 0), status = -1;
	pid_t pid;

	setup();
	*shared = (struct shared){ 0, -1 };
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		clearenv();
		if (command)
			setenv("CNI_COMMAND", command, 1);
		setenv("CNI_CONTAINERID", "c1", 1);
		setenv("CNI_NETNS", "/none", 1);
		setenv("CNI_IFNAME", "eth0", 1);
		setenv("CNI_PATH", scratch, 1);
		prepare(odd, o, e);
		_exit(cni_main(&program, name ? argument ? 2 : 1 : 0, argv));
	}
	EQ_INT(waitpid(pid, &status, 0), pid);
	read_back(o, out, sizeof(out));
	read_back(e, errout, sizeof(errout));
	return WIFEXITED(status) ? WEXITSTATUS(status)
				 : 1000 + WTERMSIG(status);
}

static void an_ordinary_call(void)
{
	EQ_INT(child(PLAIN, "ADD", NULL), 0);
	OK(strstr(out, "\"10.0.0.2/8\""));
	EQ_STR(errout, "");
	EQ_INT(shared->undone, 0);
}

#define ABOUT                                                                  \
	"CNI fake plugin v" CNIC_VERSION                                       \
	"\nCNI protocol versions supported: 0.1.0, 0.2.0, 0.3.0, 0.3.1, "      \
	"0.4.0, 1.0.0, 1.1.0\n"

static void arguments_are_for_people(void)
{
	EQ_INT(child(PLAIN, NULL, "--version"), 0);
	EQ_STR(out, ABOUT);
	EQ_STR(errout, "");
	EQ_INT(child(PLAIN, NULL, "--help"), 0);
	EQ_STR(out, fake.help);
	EQ_STR(errout, "");
	EQ_INT(child(PLAIN, NULL, "--frob"), 2);
	EQ_STR(out, "");
	EQ_STR(errout, "fake: unknown argument --frob; try --help\n");
	EQ_INT(child(NO_STDOUT, NULL, "--help"), 1);
	EQ_INT(child(NO_STDOUT, NULL, "--version"), 1);
}

static void without_one_it_introduces_itself(void)
{
	EQ_INT(child(PLAIN, NULL, NULL), 0);
	EQ_STR(out, "");
	EQ_STR(errout, ABOUT);
	EQ_INT(child(NO_STREAMS, NULL, NULL), 0);
}

static void a_runtime_may_give_any_argument(void)
{
	EQ_INT(child(PLAIN, "ADD", "--help"), 0);
	OK(strstr(out, "\"10.0.0.2/8\""));
}

static void a_closed_stdin_cannot_be_read(void)
{
	EQ_INT(child(NO_STDIN, "ADD", NULL), 1);
	EQ_STR(out, error_text("1.1.0", 5, "error reading from stdin",
			       "Bad file descriptor"));
	EQ_INT(shared->own_file, -1);
}

static void a_closed_stdout_is_nobodys_file(void)
{
	EQ_INT(child(NO_STDOUT, "ADD", NULL), 1);
	OK(shared->own_file > 2);
	EQ_INT(shared->undone, 1);
	EQ_STR(errout, "");
	EQ_INT(child(NO_STREAMS, "ADD", NULL), 1);
	EQ_INT(shared->own_file, -1);
}

static void a_reader_who_left_does_not_kill_it(void)
{
	EQ_INT(child(NO_READER, "ADD", NULL), 1);
	EQ_INT(shared->undone, 1);
}

static void whoever_starts_it_may_ignore_children(void)
{
	EQ_INT(child(IGNORED_CHLD, "ADD", NULL), 0);
	OK(strstr(out, "\"10.0.0.2/8\""));
	EQ_INT(shared->undone, 0);
}

/* argv[0] may be anything, or missing */
static void the_name_it_is_called_by_does_not_matter(void)
{
	static const char *const names[] = { "/opt/cni/bin/fake", "other",
					     "fake/it", "", NULL };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		name = names[i];
		EQ_INT(child(PLAIN, "ADD", NULL), 0);
		OK(strstr(out, "\"10.0.0.2/8\""));
	}
	name = "whatever";
}

TAP_MAIN(TEST(an_ordinary_call), TEST(arguments_are_for_people),
	 TEST(without_one_it_introduces_itself),
	 TEST(a_runtime_may_give_any_argument),
	 TEST(a_closed_stdin_cannot_be_read),
	 TEST(a_closed_stdout_is_nobodys_file),
	 TEST(a_reader_who_left_does_not_kill_it),
	 TEST(whoever_starts_it_may_ignore_children),
	 TEST(the_name_it_is_called_by_does_not_matter))
