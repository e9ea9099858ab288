// SPDX-License-Identifier: GPL-2.0-or-later
/* delegate.c - which plugin is run, what it is given, what it may answer */
#include "delegate-test.h"

#include <poll.h>
#include <sys/time.h>
#include <sys/wait.h>

#define ANSWER                                                                 \
	"echo '{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":"               \
	"\"10.0.0.2/24\"}]}'"

/* for calls that delegate() does not make; the caller closes its err_fd */
static struct cni_call plain_args(void)
{
	static const char *const env[] = { "PATH=/usr/bin:/bin", NULL };

	return (struct cni_call){
		.netns = "",
		.path = scratch,
		.env = (char *const *)env,
		.conf = { .raw = "{}", .raw_len = 2, .version = "1.0.0" },
		.err_fd = file_with("", 0)
	};
}

static void add_returns_the_result(void)
{
	struct outcome *o;
	char buf[IP_STRLEN];

	script("ipam", ANSWER);
	o = delegate("ipam", "ADD");
	EQ_INT(o->r, 0);
	EQ_INT(o->res.n_ips, 1);
	EQ_STR(ip_net_format(&o->res.ips[0].address, buf), "10.0.0.2/24");
	EQ_STR(o->log, "");
}

static void results_are_converted(void)
{
	struct outcome *o;

	script("old", "echo '{\"cniVersion\":\"0.2.0\",\"ip4\":{\"ip\":"
		      "\"10.0.0.2/24\"},\"ip6\":{\"ip\":\"fd00::2/64\"}}'");
	o = delegate("old", "ADD");
	EQ_INT(o->r, 0);
	EQ_INT(o->res.n_ips, 2);
	/* without a version, it is the configuration's */
	script("none", "echo '{\"ip4\":{\"ip\":\"10.0.0.2/24\"}}'");
	given_version = "0.1.0";
	o = delegate("none", "ADD");
	EQ_INT(o->res.n_ips, 1);
	given_version = "1.0.0";
	o = delegate("none", "ADD");
	EQ_INT(o->r, 0);
	EQ_INT(o->res.n_ips, 0);
}

static void null_is_an_empty_result(void)
{
	struct outcome *o;

	script("null", "echo null");
	o = delegate("null", "ADD");
	EQ_INT(o->r, 0);
	EQ_INT(o->res.n_ips + o->res.n_interfaces + o->res.n_routes, 0);
}

static void only_add_has_a_result(void)
{
	script("chatty", "echo this is no JSON");
	EQ_INT(delegate("chatty", "DEL")->r, 0);
	EQ_INT(delegate("chatty", "CHECK")->r, 0);
	EQ_INT(delegate("chatty", "STATUS")->r, 0);
	script("silent", ":");
	EQ_INT(delegate("silent", "GC")->r, 0);
}

static void it_gets_our_environment_and_the_verb(void)
{
	script("env", "env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= |"
		      " sort >\"$(dirname \"$0\")/env.out\"");
	EQ_INT(delegate("env", "CHECK")->r, 0);
	EQ_STR(text_of("env.out"), "CNI_COMMAND=CHECK\n"
				   "CNI_IFNAME=eth0\n"
				   "CNI_NETNS=/ns/of it\n"
				   "PATH=/usr/bin:/bin\n"
				   "X=y\n");
}

/* At a DEL whose namespace is the host's by now; see cni_run(). */
static void it_has_no_namespace_where_the_call_has_none(void)
{
	script("none", "echo \"$CNI_NETNS.\" >\"$(dirname \"$0\")/none.out\"");
	given_netns = "";
	EQ_INT(delegate("none", "DEL")->r, 0);
	EQ_STR(text_of("none.out"), ".\n");
	given_netns = "/ns/of it";
}

static void it_gets_the_bytes_we_got(void)
{
	static const char odd[] = " { \"name\":\t\"n\",\r\n\"x\":1.50e1 }\n\n";

	script("cat", "exec cat >\"$(dirname \"$0\")/cat.out\"");
	given_conf = odd;
	EQ_INT(delegate("cat", "DEL")->r, 0);
	EQ_STR(text_of("cat.out"), odd);
	given_conf = "{\"name\":\"n\"}";
}

static void a_big_configuration_it_does_not_read(void)
{
	static char big[1 << 20];

	memset(big, ' ', sizeof(big) - 1);
	script("ipam", ANSWER);
	given_conf = big;
	EQ_INT(delegate("ipam", "ADD")->r, 0);
	given_conf = "{\"name\":\"n\"}";
}

static void its_stderr_is_passed_on(void)
{
	struct outcome *o;

	script("warns", "echo careful >&2; " ANSWER "; echo bye >&2");
	o = delegate("warns", "ADD");
	EQ_INT(o->r, 0);
	EQ_STR(o->log, "careful\nbye\n");
}

static void both_streams_may_be_full(void)
{
	struct outcome *o;

	/* each is more than a pipe holds, one after the other */
	script("floods", "head -c 60000 /dev/zero | tr '\\0' e >&2\n"
			 "head -c 2000000 /dev/zero | tr '\\0' ' '\n" ANSWER);
	o = delegate("floods", "ADD");
	EQ_INT(o->r, 0);
	EQ_INT(o->res.n_ips, 1);
	EQ_INT(strlen(o->log), 60000);
}

static void nobody_reads_its_stderr(void)
{
	struct cni_call call = plain_args();
	struct cni_result res = { 0 };
	struct cni_err err = { 0 };

	close(call.err_fd);
	call.err_fd = -1;
	script("warns", "echo careful >&2; " ANSWER);
	EQ_INT(cni_delegate(&call, "warns", "ADD", &res, &err), 0);
	cni_result_done(&res);
}

static void on_alarm(int sig)
{
	(void)sig;
}

static void interruptions_do_not_matter(void)
{
	const struct itimerval tick = { { 0, 3000 }, { 0, 3000 } };
	const struct itimerval off = { { 0, 0 }, { 0, 0 } };
	struct sigaction act = { .sa_handler = on_alarm };
	struct outcome *o;

	/* quiet for a while, and then ending only after its streams did */
	script("slow", "sleep 0.05; " ANSWER "; exec >&- 2>&-; sleep 0.05");
	/* for good: under valgrind one may come after the timer is off */
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
	o = delegate("slow", "ADD");
	setitimer(ITIMER_REAL, &off, NULL);
	EQ_INT(o->r, 0);
	EQ_INT(o->res.n_ips, 1);
}

static void the_first_file_in_the_path_is_run(void)
{
	char path[512];

	EQ_INT(mkdir(path_of("one"), 0700), 0);
	EQ_INT(mkdir(path_of("two"), 0700), 0);
	EQ_INT(mkdir(path_of("one/p"), 0700), 0);
	script("two/p", "echo two >&2");
	script("p", "echo base >&2");
	snprintf(path, sizeof(path), ":/nowhere::%s/one:%s/two:%s", scratch,
		 scratch, scratch);
	given_path = path;
	EQ_STR(delegate("p", "DEL")->log, "two\n");
	/* a link to a file is one */
	EQ_INT(symlink("../p", path_of("one/q")), 0);
	EQ_STR(delegate("q", "DEL")->log, "base\n");
	given_path = scratch;
}

static void it_has_ordinary_signals(void)
{
	signal(SIGPIPE, SIG_IGN);
	/* a shell cannot un-ignore what was ignored when it started */
	script("pipe", "kill -s PIPE $$; echo survived >&2");
	OK(!strstr(delegate("pipe", "DEL")->log, "survived"));
	signal(SIGPIPE, SIG_DFL);
}

static void it_has_no_files_but_the_streams(void)
{
	/* whoever started the test may have left us some more */
	for (int fd = 3; fd < 1024; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	/* ls itself has one more open, the folder */
	script("ls", "ls /proc/self/fd | tr '\\n' ' ' >&2");
	EQ_STR(delegate("ls", "DEL")->log, "0 1 2 3 ");
}

/* cni_delegate_find() runs nothing. */
static void what_is_there_is_found_before_it_is_run(void)
{
	static const struct cni_plugin none;
	struct cni_call call = plain_args();
	int before = open_files();
	const struct cni_plugin *builtin = &none;
	struct cni_err err = { 0 };

	script("found", "touch \"$(dirname \"$0\")/ran\"\n" ANSWER);
	EQ_INT(cni_delegate_find(&call, "found", &builtin, &err), 0);
	OK(!builtin);
	OK(!err.set);
	OK(access(path_of("ran"), F_OK) < 0);
	EQ_INT(cni_delegate_find(&call, "nope", &builtin, &err), -2);
	EQ_INT(err.code, CNI_EDELEGATE);
	err = (struct cni_err){ 0 };
	EQ_INT(cni_delegate_find(&call, "a/b", &builtin, &err), -2);
	EQ_INT(err.code, CNI_ECONF);
	EQ_INT(open_files(), before);
	close(call.err_fd);
}

/* a program, not a script: only the interpreter of a script can be busy */
static void copy_program(const char *from, const char *name)
{
	AUTO(fd) int in = open(from, O_RDONLY | O_CLOEXEC);
	AUTO(fd)
	int out = open(path_of(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	char buf[65536];
	ssize_t n;

	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, (size_t)n) != n)
			abort();
	OK(n == 0);
}

static void waits_for_a_file_that_is_being_written(void)
{
	int ready[2], status = -1;
	pid_t pid;
	char c;

	copy_program("/bin/true", "busy");
	if (pipe2(ready, O_CLOEXEC) < 0)
		abort();
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		int fd = open(path_of("busy"), O_WRONLY | O_CLOEXEC);

		if (fd < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		/* long enough for the first attempts, short for the last */
		poll(NULL, 0, 120);
		_exit(0);
	}
	EQ_INT(read(ready[0], &c, 1), 1);
	EQ_INT(delegate("busy", "DEL")->r, 0);
	EQ_INT(waitpid(pid, &status, 0), pid);
	EQ_INT(status, 0);
	close(ready[0]);
	close(ready[1]);
}

TAP_MAIN(TEST(add_returns_the_result), TEST(results_are_converted),
	 TEST(null_is_an_empty_result), TEST(only_add_has_a_result),
	 TEST(it_gets_our_environment_and_the_verb),
	 TEST(it_has_no_namespace_where_the_call_has_none),
	 TEST(it_gets_the_bytes_we_got),
	 TEST(a_big_configuration_it_does_not_read),
	 TEST(its_stderr_is_passed_on), TEST(both_streams_may_be_full),
	 TEST(nobody_reads_its_stderr), TEST(interruptions_do_not_matter),
	 TEST(the_first_file_in_the_path_is_run), TEST(it_has_ordinary_signals),
	 TEST(it_has_no_files_but_the_streams),
	 TEST(what_is_there_is_found_before_it_is_run),
	 TEST(waits_for_a_file_that_is_being_written))
