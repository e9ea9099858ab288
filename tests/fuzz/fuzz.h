/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz.h - what a fuzz target is, how it cuts its input, how it says that
 * something is broken
 *
 * A target is a .c file with LLVMFuzzerTestOneInput(). It is linked twice:
 * with libFuzzer, which makes inputs up, and with replay.c, which repeats the
 * seeds. Its first comment may have lines for the makefile:
 *
 *   fuzz: plugins/host-local/range.c ...   links these files, too
 *   wrap: nl_recv ...                      calls of these go to __wrap_...()
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* A condition that must be true whatever the input is. */
#define MUST(cond)                                                             \
	do {                                                                   \
		if (!(cond)) {                                                 \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__,       \
				__LINE__, #cond);                              \
			abort();                                               \
		}                                                              \
	} while (0)

/* The rest of an input. */
struct input {
	const uint8_t *p;
	size_t n;
};

/* The next byte, 0 at the end. */
static inline uint8_t input_byte(struct input *in)
{
	if (in->n == 0)
		return 0;
	in->n--;
	return *in->p++;
}

/*
 * An owned copy, of exactly that size: reading beyond it is seen. The NUL
 * after it is not counted.
 */
static inline char *copy_of(const uint8_t *p, size_t n)
{
	char *copy = malloc(n + 1);

	if (!copy)
		abort();
	if (n)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

/*
 * The part up to the next byte end, which is dropped, or all that is left: an
 * owned text of *len bytes. len may be NULL.
 */
static inline char *input_until(struct input *in, uint8_t end, size_t *len)
{
	const uint8_t *stop = in->n ? memchr(in->p, end, in->n) : NULL;
	size_t n = stop ? (size_t)(stop - in->p) : in->n;
	char *text = copy_of(in->p, n);

	if (len)
		*len = n;
	n += stop != NULL;
	in->p += n;
	in->n -= n;
	return text;
}

/* The parts of an input that texts are in end with a byte no text has. */
#define PART_END 0xff

static inline char *input_part(struct input *in, size_t *len)
{
	return input_until(in, PART_END, len);
}

#endif
