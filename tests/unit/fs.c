// SPDX-License-Identifier: GPL-2.0-or-later
/* fs.c - reading and writing whole files, making folders */
#include "base/fs.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/auto.h"
#include "scratch.h"
#include "tap.h"

/* fs_read_at() of that name in the scratch folder; the text goes to got */
static char got[8192];

static int read_at(const char *name, size_t max)
{
	AUTO(fd) int dir = open(scratch, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO(str) char *text = NULL;
	size_t len = 99;
	int r = fs_read_at(dir, name, max, &text, &len);

	got[0] = '\0';
	if (r == 0) {
		EQ_INT(text[len], '\0');
		snprintf(got, sizeof(got), "%s", text);
	} else {
		OK(!text);
		EQ_INT(len, 99);
	}
	return r;
}

static void reads_a_file(void)
{
	put_file("plain", "text\n", 0600);
	EQ_INT(read_at("plain", 100), 0);
	EQ_STR(got, "text\n");
	put_file("empty", "", 0600);
	EQ_INT(read_at("empty", 0), 0);
	EQ_STR(got, "");
	EQ_INT(read_at("none", 100), -ENOENT);
}

static void the_limit_is_exact(void)
{
	put_file("five", "12345", 0600);
	EQ_INT(read_at("five", 5), 0);
	EQ_STR(got, "12345");
	EQ_INT(read_at("five", 4), -EFBIG);
	EQ_INT(read_at("five", 0), -EFBIG);
}

static void sizes_around_the_buffer(void)
{
	static char text[3 * 4096];

	memset(text, 'x', sizeof(text));
	for (size_t n = 4090; n < 4100; n++) {
		text[n] = '\0';
		put_file("big", text, 0600);
		text[n] = 'x';
		EQ_INT(read_at("big", n), 0);
		EQ_INT(strlen(got), n);
		EQ_INT(read_at("big", n - 1), -EFBIG);
	}
}

static void a_sparse_giant_is_refused_unread(void)
{
	AUTO(fd)
	int fd = open(path_of("sparse"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	EQ_INT(ftruncate(fd, (off_t)1 << 40), 0);
	EQ_INT(read_at("sparse", 4096), -EFBIG);
}

static void only_regular_files(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	AUTO(fd) int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	EQ_INT(mkdir(path_of("dir"), 0700), 0);
	EQ_INT(read_at("dir", 100), -EINVAL);
	/* nobody writes to it: an ordinary open() would wait for ever */
	EQ_INT(mkfifo(path_of("fifo"), 0600), 0);
	EQ_INT(read_at("fifo", 100), -EINVAL);
	EQ_INT(fs_read_at(AT_FDCWD, "/dev/null", 9, &(char *){ NULL },
			  &(size_t){ 0 }),
	       -EINVAL);
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/sock", scratch);
	EQ_INT(bind(s, (struct sockaddr *)&sa, sizeof(sa)), 0);
	OK(read_at("sock", 100) < 0);
}

static void symbolic_links_are_not_followed(void)
{
	put_file("target", "secret", 0600);
	EQ_INT(symlink("target", path_of("link")), 0);
	EQ_INT(symlink("nothing", path_of("dangling")), 0);
	EQ_INT(symlink("loop", path_of("loop")), 0);
	EQ_INT(read_at("link", 100), -ELOOP);
	EQ_INT(read_at("dangling", 100), -ELOOP);
	EQ_INT(read_at("loop", 100), -ELOOP);
}

static void files_of_the_kernel_have_no_size(void)
{
	AUTO(str) char *text = NULL;
	size_t len = 0;

	EQ_INT(fs_read_at(AT_FDCWD, "/proc/self/comm", 64, &text, &len), 0);
	OK(len > 1 && text[len - 1] == '\n');
	EQ_INT(fs_read_at(AT_FDCWD, "/proc/self/comm", 2, &(char *){ NULL },
			  &(size_t){ 0 }),
	       -EFBIG);
}

static void a_bad_descriptor_is_an_error(void)
{
	char *text = NULL;
	size_t len;

	EQ_INT(fs_read_fd(-1, 10, &text, &len), -EBADF);
	EQ_INT(fs_write_fd(-1, "x", 1), -EBADF);
	EQ_INT(fs_write_fd(-1, "", 0), 0);
	EQ_INT(fs_read_at(-1, "relative", 9, &text, &len), -EBADF);
	OK(!text);
}

static void nothing_stays_open(void)
{
	int before = open_files();

	put_file("plain", "text", 0600);
	read_at("plain", 100);
	read_at("plain", 1);
	read_at("none", 1);
	read_at("fifo", 1);
	read_at("link", 1);
	EQ_INT(open_files(), before);
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* signals now and then, and a pipe that takes and gives only a little */
static void through_a_pipe(int flags)
{
	const struct itimerval tick = { { 0, 5000 }, { 0, 5000 } };
	const struct itimerval off = { { 0, 0 }, { 0, 0 } };
	struct sigaction act = { .sa_handler = on_alarm };
	const size_t len = 1 << 20;
	AUTO(str) char *text = malloc(len);
	AUTO(str) char *back = NULL;
	size_t n = 0;
	int p[2], status = -1;
	pid_t pid;

	if (!text || pipe2(p, O_CLOEXEC) < 0)
		abort();
	for (size_t i = 0; i < len; i++)
		text[i] = (char)(i * 7 % 251);
	fcntl(p[1], F_SETPIPE_SZ, 4096);
	fcntl(p[1], F_SETFL, flags);
	fcntl(p[0], F_SETFL, flags);
	fflush(stdout);
	/* for good: under valgrind one may come after the timer is off */
	sigaction(SIGALRM, &act, NULL);
	pid = fork();
	setitimer(ITIMER_REAL, &tick, NULL);
	if (pid == 0) {
		close(p[0]);
		/* the reader waits, and is interrupted, at least once */
		poll(NULL, 0, 20);
		n = fs_write_fd(p[1], text, len) != 0;
		free(text);
		_exit((int)n);
	}
	close(p[1]);
	EQ_INT(fs_read_fd(p[0], len, &back, &n), 0);
	setitimer(ITIMER_REAL, &off, NULL);
	EQ_INT(n, len);
	OK(back && n == len && memcmp(back, text, len) == 0);
	close(p[0]);
	EQ_INT(waitpid(pid, &status, 0), pid);
	EQ_INT(status, 0);
}

static void interruptions_and_short_writes(void)
{
	through_a_pipe(0);
	through_a_pipe(O_NONBLOCK);
}

static void a_reader_who_left_is_an_error(void)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) < 0)
		abort();
	close(p[0]);
	signal(SIGPIPE, SIG_IGN);
	EQ_INT(fs_write_fd(p[1], "x", 1), -EPIPE);
	signal(SIGPIPE, SIG_DFL);
	close(p[1]);
}

static bool is_dir(const char *name)
{
	struct stat st;

	return stat(path_of(name), &st) == 0 && S_ISDIR(st.st_mode);
}

static void makes_folders(void)
{
	struct stat st;
	mode_t mask = umask(022);

	EQ_INT(fs_mkdir_all(path_of("a"), 0755), 0);
	EQ_INT(stat(path_of("a"), &st), 0);
	EQ_INT(st.st_mode & 07777, 0755);
	EQ_INT(fs_mkdir_all(path_of("p/q"), 0700), 0);
	EQ_INT(stat(path_of("p"), &st), 0);
	EQ_INT(st.st_mode & 07777, 0755);
	EQ_INT(stat(path_of("p/q"), &st), 0);
	EQ_INT(st.st_mode & 07777, 0700);
	umask(mask);
	EQ_INT(fs_mkdir_all(path_of("a"), 0755), 0);
	EQ_INT(fs_mkdir_all(path_of("b/c/d/e"), 0755), 0);
	OK(is_dir("b/c/d/e"));
	EQ_INT(fs_mkdir_all(path_of("b/c/x//y/"), 0755), 0);
	OK(is_dir("b/c/x/y"));
	EQ_INT(fs_mkdir_all(path_of("b/../b/./z"), 0755), 0);
	OK(is_dir("b/z"));
	EQ_INT(fs_mkdir_all("/", 0755), 0);
	EQ_INT(fs_mkdir_all(".", 0755), 0);
}

static void relative_folders(void)
{
	char cwd[PATH_MAX];

	if (!getcwd(cwd, sizeof(cwd)) || chdir(scratch) < 0)
		abort();
	EQ_INT(fs_mkdir_all("rel/ative", 0755), 0);
	if (chdir(cwd) < 0)
		abort();
	OK(is_dir("rel/ative"));
}

static void folders_that_cannot_be(void)
{
	static char name[300];

	EQ_INT(fs_mkdir_all("", 0755), -ENOENT);
	put_file("file", "", 0600);
	EQ_INT(fs_mkdir_all(path_of("file"), 0755), -ENOTDIR);
	EQ_INT(fs_mkdir_all(path_of("file/x"), 0755), -ENOTDIR);
	EQ_INT(fs_mkdir_all(path_of("file/x/y"), 0755), -ENOTDIR);
	EQ_INT(symlink("nowhere", path_of("lost")), 0);
	EQ_INT(fs_mkdir_all(path_of("lost"), 0755), -ENOENT);
	memset(name, 'x', sizeof(name) - 1);
	EQ_INT(fs_mkdir_all(path_of(name), 0755), -ENAMETOOLONG);
	EQ_INT(fs_mkdir_all("/proc/nothing/here", 0755), -ENOENT);
	/* a link to a folder is a folder */
	EQ_INT(symlink("a", path_of("to-a")), 0);
	EQ_INT(fs_mkdir_all(path_of("a"), 0755), 0);
	EQ_INT(fs_mkdir_all(path_of("to-a"), 0755), 0);
	EQ_INT(fs_mkdir_all(path_of("to-a/below"), 0755), 0);
	OK(is_dir("a/below"));
}

TAP_MAIN(TEST(reads_a_file), TEST(the_limit_is_exact),
	 TEST(sizes_around_the_buffer), TEST(a_sparse_giant_is_refused_unread),
	 TEST(only_regular_files), TEST(symbolic_links_are_not_followed),
	 TEST(files_of_the_kernel_have_no_size),
	 TEST(a_bad_descriptor_is_an_error), TEST(nothing_stays_open),
	 TEST(interruptions_and_short_writes),
	 TEST(a_reader_who_left_is_an_error), TEST(makes_folders),
	 TEST(relative_folders), TEST(folders_that_cannot_be))
