// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * arena.c - mk/static/arena.c: blocks, that it gives out none twice, and what
 * it leaves to the C library
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../mk/static/arena.c"
#include "tap.h"

static int real; /* calls that were left to the C library */

/* What no C library gives; a sanitizer's would end the program. */
static int is_too_much(size_t count, size_t size)
{
	size_t all;

	real++;
	if (!__builtin_mul_overflow(count, size, &all) && all <= PTRDIFF_MAX)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *__real_malloc(size_t size)
{
	return is_too_much(1, size) ? NULL : malloc(size);
}

void *__real_calloc(size_t count, size_t size)
{
	return is_too_much(count, size) ? NULL : calloc(count, size);
}

void *__real_realloc(void *p, size_t size)
{
	return is_too_much(1, size) ? NULL : realloc(p, size);
}

/* The compiler would tell of blocks that are no heap's. */
__attribute__((noinline)) void __real_free(void *p)
{
	real++;
	free(p);
}

/* An arena out of which nothing was given yet. */
static void fresh(void)
{
	memset(arena, 0, sizeof(arena));
	used = touched = 0;
	real = 0;
}

static int all_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return 0;
	return 1;
}

static void blocks_stand_apart_and_are_aligned(void)
{
	unsigned char *block[200];

	fresh();
	for (size_t i = 0; i < 200; i++) {
		block[i] = __wrap_malloc(i);
		OK(is_here(block[i]));
		OK((uintptr_t)block[i] % 16 == 0);
		memset(block[i], (int)i, i);
	}
	for (size_t i = 0; i < 200; i++)
		for (size_t k = 0; k < i; k++)
			OK(block[i][k] == i);
	OK(real == 0);
}

static void the_last_block_is_given_out_again_and_no_other(void)
{
	void *a, *b, *c;

	fresh();
	a = __wrap_malloc(100);
	b = __wrap_malloc(100);
	__wrap_free(a);
	c = __wrap_malloc(100);
	OK(c != a && c != b);
	__wrap_free(c);
	a = __wrap_malloc(90);
	OK(a == c);
	__wrap_free(NULL);
	OK(real == 0);
}

static void calloc_clears_what_was_written_before(void)
{
	unsigned char *p;

	fresh();
	p = __wrap_malloc(64);
	memset(p, 0xff, 64);
	__wrap_free(p);
	p = __wrap_calloc(50, 4);
	OK(all_zero(p, 200));
	memset(p, 0xff, 200);
	__wrap_free(p);
	p = __wrap_calloc(1, 1);
	OK(all_zero(p, 1));
	p = __wrap_calloc(1, 300);
	OK(all_zero(p, 300));
	OK(real == 0);
}

static void realloc_keeps_what_is_in_a_block(void)
{
	unsigned char *p, *q;

	fresh();
	p = __wrap_realloc(NULL, 10);
	memset(p, 7, 10);
	/* the last one grows where it is */
	OK(__wrap_realloc(p, 1000) == p);
	OK(__wrap_realloc(p, 5) == p);
	q = __wrap_malloc(1);
	OK(q >= p + 1000);
	q = __wrap_realloc(p, 2000);
	OK(q != p);
	for (int i = 0; i < 10; i++)
		OK(q[i] == 7);
	OK(real == 0);
}

static void what_does_not_fit_is_the_c_library_s(void)
{
	unsigned char *p, *q;

	fresh();
	p = __wrap_malloc(ARENA_SIZE);
	OK(p && !is_here(p) && real == 1);
	p = __wrap_realloc(p, 2 * ARENA_SIZE);
	OK(p && !is_here(p) && real == 2);
	__wrap_free(p);
	OK(real == 3);
	/* from here to there */
	p = __wrap_malloc(16);
	memset(p, 7, 16);
	q = __wrap_realloc(p, ARENA_SIZE);
	OK(q && !is_here(q) && q[0] == 7 && q[15] == 7 && real == 4);
	__wrap_free(q);
	OK(used == 0);
	/* to the last byte */
	p = __wrap_malloc(ARENA_SIZE - 32);
	OK(is_here(p) && is_here(p + ARENA_SIZE - 33));
	memset(p, 7, ARENA_SIZE - 32);
	q = __wrap_calloc(1, 1);
	OK(q && !is_here(q) && *q == 0);
	__wrap_free(q);
}

static void more_than_there_can_be_is_refused(void)
{
	/* as variables, for the compiler knows better */
	volatile size_t most = SIZE_MAX, half = SIZE_MAX / 2 + 1;
	void *p;

	fresh();
	p = __wrap_malloc(most);
	OK(!p);
	p = __wrap_malloc(most - 8);
	OK(!p);
	errno = 0;
	p = __wrap_calloc(half, 2);
	OK(!p && errno == ENOMEM);
	p = __wrap_malloc(1);
	OK(!__wrap_realloc(p, most));
	OK(used == 32);
}

/* The signal that ends fn in a process of its own. */
static int ends(void (*fn)(void))
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		fn();
		_exit(0);
	}
	OK(waitpid(child, &status, 0) == child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void frees_the_middle_of_one(void)
{
	__wrap_free((char *)__wrap_malloc(100) + 8);
}

static void frees_what_was_never_given_out(void)
{
	__wrap_free(arena + 4096);
}

static void frees_twice(void)
{
	void *p = __wrap_malloc(100);

	__wrap_free(p);
	__wrap_free(p);
}

static void frees_one_whose_size_was_written_over(void)
{
	unsigned char *p = __wrap_malloc(16);
	void *q = __wrap_malloc(16);

	memset(p + 16, 'A', 8);
	__wrap_free(q);
}

static void a_block_that_cannot_be_one_ends_the_program(void)
{
	fresh();
	OK(ends(frees_the_middle_of_one) == SIGABRT);
	OK(ends(frees_what_was_never_given_out) == SIGABRT);
	OK(ends(frees_twice) == SIGABRT);
	OK(ends(frees_one_whose_size_was_written_over) == SIGABRT);
}

TAP_MAIN(TEST(blocks_stand_apart_and_are_aligned),
	 TEST(the_last_block_is_given_out_again_and_no_other),
	 TEST(calloc_clears_what_was_written_before),
	 TEST(realloc_keeps_what_is_in_a_block),
	 TEST(what_does_not_fit_is_the_c_library_s),
	 TEST(more_than_there_can_be_is_refused),
	 TEST(a_block_that_cannot_be_one_ends_the_program))
