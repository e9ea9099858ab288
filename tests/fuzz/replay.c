// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * replay.c - the seeds of a fuzz target once more, as a test: what was found
 * stays mended
 *
 *   build/replay/NAME          those in tests/data/fuzz/NAME
 *   build/replay/NAME FILE...  these
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

#define SEEDS "tests/data/fuzz"
/* an input larger than stdin may be is of no use */
#define SEED_MAX (8u << 20)

static void run(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t *data;
	struct stat st;
	size_t size;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size > SEED_MAX) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	size = (size_t)st.st_size;
	/* of exactly that size, as libFuzzer gives it */
	data = malloc(size ? size : 1);
	if (!data || read(fd, data, size) != (ssize_t)size)
		exit(1);
	close(fd);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
}

/* In a process of its own, so that the next one runs whatever happens. */
static bool passes(const char *path)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		run(path);
		exit(0); /* which looks for leaks */
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		abort();
	if (status == 0)
		return true;
	if (WIFSIGNALED(status))
		printf("# %s: killed by signal %d (%s)\n", path,
		       WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		printf("# %s: exit status %d\n", path, WEXITSTATUS(status));
	fflush(stdout);
	return false;
}

static unsigned failed, ran;

static void replay(const char *path)
{
	ran++;
	failed += !passes(path);
}

static void replay_folder(const char *name)
{
	char path[PATH_MAX];
	struct dirent **list;
	int n;

	snprintf(path, sizeof(path), SEEDS "/%s", name);
	n = scandir(path, &list, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), SEEDS "/%s/%s", name,
			 list[i]->d_name);
		if (list[i]->d_name[0] != '.')
			replay(path);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

int main(int argc, char *argv[])
{
	static char flag[] = "-replay";
	char *init[] = { argv[0], flag, NULL };
	char **init_argv = init;
	int init_argc = 2;
	const char *name = strrchr(argv[0], '/');

	name = name ? name + 1 : argv[0];
	LLVMFuzzerInitialize(&init_argc, &init_argv);
	printf("1..1\n");
	fflush(stdout);
	if (argc == 1)
		replay_folder(name);
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	if (ran == 0)
		printf("# " SEEDS "/%s: no seeds\n", name);
	failed += ran == 0;
	printf("%sok 1 - %u seeds of %s\n", failed ? "not " : "", ran, name);
	return failed != 0;
}
