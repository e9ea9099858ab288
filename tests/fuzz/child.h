/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * child.h - a delegate that is an input: no process is ever started
 *
 * The first byte is the exit status as a digit, or 's' for one that a signal
 * killed; then what it writes to stdout, and after a byte 0xfe to stderr. An
 * empty input is one that succeeds and says nothing.
 */
#ifndef FUZZ_CHILD_H
#define FUZZ_CHILD_H

#include "fuzz.h"

/* The bytes are what every delegate says from now on; they are borrowed. */
void child_start(const uint8_t *p, size_t n);

#endif
