/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tap.h - the smallest useful test harness: a table of tests, TAP output */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_failed; /* checks that failed in the running test */

/* Whether TAP_WITHOUT=" name name ", if it is set, leaves that test out. */
static inline bool tap_without(const char *name)
{
	const char *names = getenv("TAP_WITHOUT");
	char word[128];

	snprintf(word, sizeof(word), " %s ", name);
	return names && strstr(names, word);
}

#define OK(cond)                                                               \
	do {                                                                   \
		if (!(cond)) {                                                 \
			tap_failed++;                                          \
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond);    \
		}                                                              \
	} while (0)

#define EQ_INT(a, b)                                                           \
	do {                                                                   \
		long long a_ = (a), b_ = (b);                                  \
		if (a_ != b_) {                                                \
			tap_failed++;                                          \
			printf("# %s:%d: %s is %lld, expected %lld\n",         \
			       __FILE__, __LINE__, #a, a_, b_);                \
		}                                                              \
	} while (0)

#define EQ_STR(a, b)                                                           \
	do {                                                                   \
		const char *a_ = (a), *b_ = (b);                               \
		if (!a_ || !b_ || strcmp(a_, b_) != 0) {                       \
			tap_failed++;                                          \
			printf("# %s:%d: %s is \"%s\", expected \"%s\"\n",     \
			       __FILE__, __LINE__, #a, a_ ? a_ : "(null)",     \
			       b_ ? b_ : "(null)");                            \
		}                                                              \
	} while (0)

struct tap_test {
	const char *name;
	void (*fn)(void);
};

#define TAP_MAIN(...)                                                          \
	int main(void)                                                         \
	{                                                                      \
		static const struct tap_test t[] = { __VA_ARGS__ };            \
		size_t n = sizeof(t) / sizeof(t[0]), plan = 0, ran = 0;        \
		int failed = 0;                                                \
                                                                               \
		for (size_t i = 0; i < n; i++)                                 \
			plan += !tap_without(t[i].name);                       \
		printf("1..%zu\n", plan);                                      \
		for (size_t i = 0; i < n; i++) {                               \
			if (tap_without(t[i].name))                            \
				continue;                                      \
			tap_failed = 0;                                        \
			t[i].fn();                                             \
			failed += tap_failed != 0;                             \
			printf("%sok %zu - %s\n", tap_failed ? "not " : "",    \
			       ++ran, t[i].name);                              \
		}                                                              \
		return failed != 0;                                            \
	}
#define TEST(fn)                                                               \
	{                                                                      \
#fn, fn                                                        \
	}

#endif
