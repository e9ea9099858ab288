// SPDX-License-Identifier: GPL-2.0-or-later
/* text.c - a text that grows, and what is lost of it */
#include "base/text.h"

#include "failing-malloc.h"
#include "tap.h"

static void what_is_added_is_there_in_order(void)
{
	AUTO(text) struct text t = { 0 };
	AUTO(str) char *s = NULL;

	text_put(&t, "one");
	text_add(&t, "\0two", 4);
	text_printf(&t, "%s %d", ", three", 4);
	text_put(&t, "");
	EQ_INT((int)t.len, 16);
	s = text_take(&t);
	OK(s && memcmp(s, "one\0two, three 4", 17) == 0);
	OK(!t.s);
}

static void nothing_is_an_empty_text(void)
{
	AUTO(text) struct text t = { 0 };

	text_put(&t, "");
	EQ_INT((int)t.len, 0);
	EQ_STR(t.s, "");
}

/* one byte at a time, and by one that is larger than twice the room */
static void it_grows(void)
{
	static char large[100000];

	for (size_t n = 1; n <= sizeof(large); n *= 10) {
		AUTO(text) struct text t = { 0 };

		memset(large, 'x', n);
		for (size_t i = 0; i < 3000; i++)
			text_add(&t, "y", 1);
		text_add(&t, large, n);
		EQ_INT((int)t.len, (int)(3000 + n));
		OK(!t.lost && strlen(t.s) == 3000 + n && t.room > t.len);
		OK(t.s[2999] == 'y' && t.s[3000] == 'x');
	}
}

static void a_format_has_255_bytes(void)
{
	AUTO(text) struct text t = { 0 }, over = { 0 };

	text_printf(&t, "%*s", 255, "x");
	OK(!t.lost && t.len == 255);
	text_printf(&over, "%*s", 256, "x");
	OK(over.lost && !text_take(&over));
}

/* also where what comes later finds room */
static void a_text_with_a_gap_is_none(void)
{
	for (long n = 1; n <= 3; n++) {
		AUTO(text) struct text t = { 0 };
		AUTO(str) char *s = NULL;

		count = 0;
		fail_at = n;
		for (int i = 0; i < 100; i++)
			text_put(&t, "0123456789");
		fail_at = 0;
		/* 1,000 bytes are two allocations */
		OK(t.lost == (n < 3));
		s = text_take(&t);
		OK(!s == (n < 3));
	}
}

TAP_MAIN(TEST(what_is_added_is_there_in_order), TEST(nothing_is_an_empty_text),
	 TEST(it_grows), TEST(a_format_has_255_bytes),
	 TEST(a_text_with_a_gap_is_none))
