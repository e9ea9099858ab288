/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json-scan.h - RFC 8259 to the letter, before cJSON sees a byte */
#ifndef CNI_JSON_SCAN_H
#define CNI_JSON_SCAN_H

#include <stddef.h>

/* what is wrong with what is nested deeper than depth */
#define JS_TOO_DEEP "nested too deeply"

/*
 * Walks one JSON value and the white space around it. Returns NULL if the
 * text is what RFC 8259 allows, without \u0000, in valid UTF-8, nested no
 * deeper than depth and with no number longer than 63 characters (cJSON reads
 * no more); else what is wrong, and in *at the offset where.
 */
const char *js_scan(const char *text, size_t len, unsigned depth, size_t *at);

/*
 * The length, 1 to 4, of the valid UTF-8 character at s, which has n bytes;
 * 0 if there is none (RFC 3629: no overlong form, no surrogate).
 */
size_t js_utf8_len(const char *s, size_t n);

#endif
