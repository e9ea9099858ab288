// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * arena.c - the first blocks that an executable with musl allocates
 *
 * A plugin lives for some milliseconds and allocates a few hundred small
 * blocks. musl's malloc() takes pages of the kernel for each size of them and
 * gives them back soon: a third of the page faults of bridge's ADD, and a tenth
 * of its time. Here ARENA_SIZE bytes are given out one after the other, and
 * what does not fit is musl's. A block that was freed is given out again only
 * if it was the last one.
 *
 * The linker has all calls of malloc() and its relatives come here (--wrap),
 * and names musl's own __real_malloc().
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_SIZE ((size_t)256 * 1024)
/* what every type may stand at */
#define UNIT ((size_t)16)

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);

/* Before each block stands its size, a multiple of UNIT. */
static _Alignas(16) unsigned char arena[ARENA_SIZE];
static size_t used;
static size_t touched; /* the most that used ever was: beyond it all is 0 */

static int is_here(const void *p)
{
	return (uintptr_t)p >= (uintptr_t)arena &&
	       (uintptr_t)p < (uintptr_t)arena + ARENA_SIZE;
}

/* The size of a block that is here. It ends the program where no block can be.
 */
static size_t size_of(const unsigned char *p)
{
	size_t at = (size_t)(p - arena), size;

	if (at < UNIT || at > used || at % UNIT != 0)
		abort();
	__builtin_memcpy(&size, p - UNIT, sizeof(size));
	if (size == 0 || size % UNIT != 0 || size > used - at)
		abort();
	return size;
}

static int is_last(const unsigned char *p)
{
	return p + size_of(p) == arena + used;
}

/* The size of a block for so many bytes, or 0 where the arena has no room. */
static size_t room_for(size_t size)
{
	size_t left = ARENA_SIZE - used;

	if (left < 2 * UNIT || size > left - 2 * UNIT)
		return 0;
	return size ? (size + UNIT - 1) / UNIT * UNIT : UNIT;
}

static void use(size_t until)
{
	used = until;
	if (used > touched)
		touched = used;
}

/* A block of that size, of which it says how many bytes somebody may have
 * written to. */
static void *take(size_t size, size_t *dirty)
{
	unsigned char *p = arena + used + UNIT;
	size_t at = used + UNIT;

	*dirty = touched <= at ? 0 : touched - at < size ? touched - at : size;
	__builtin_memcpy(p - UNIT, &size, sizeof(size));
	use(at + size);
	return p;
}

void *__wrap_malloc(size_t size)
{
	size_t block = room_for(size), dirty;

	return block ? take(block, &dirty) : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	size_t all, block, dirty;
	void *p;

	if (__builtin_mul_overflow(count, size, &all))
		return __real_calloc(count, size);
	block = room_for(all);
	if (!block)
		return __real_calloc(count, size);
	p = take(block, &dirty);
	memset(p, 0, dirty);
	return p;
}

void __wrap_free(void *p)
{
	if (!p)
		return;
	if (!is_here(p))
		__real_free(p);
	else if (is_last(p))
		used = (size_t)((unsigned char *)p - arena) - UNIT;
}

void *__wrap_realloc(void *p, size_t size)
{
	size_t old;
	void *q;

	if (!p)
		return __wrap_malloc(size);
	if (!is_here(p))
		return __real_realloc(p, size);
	old = size_of(p);
	if (size <= old)
		return p;
	if (is_last(p)) {
		size_t more = room_for(size - old);

		if (more) {
			old += more;
			__builtin_memcpy((unsigned char *)p - UNIT, &old,
					 sizeof(old));
			use(used + more);
			return p;
		}
	}
	q = __wrap_malloc(size);
	if (q) {
		memcpy(q, p, old);
		__wrap_free(p);
	}
	return q;
}
