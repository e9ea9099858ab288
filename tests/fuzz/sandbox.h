/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sandbox.h - where a fuzz target runs: an empty root folder in memory, no
 * network, no other process, no privilege. An input may name any path.
 *
 *   /             empty, writable, 32 MiB; sandbox_clear() empties it again
 *   /proc         of this process alone, read-only
 *   /fix/netns    another network namespace
 *   /fix/bin/X    the plugins' names: empty files that may be executed
 *   /fix/self/X   the same, with the note of a plugin of build "self"
 *   /work-...     the folder the program was started in, for libFuzzer
 */
#ifndef FUZZ_SANDBOX_H
#define FUZZ_SANDBOX_H

#include <stddef.h>

/*
 * LLVMFuzzerInitialize() is in sandbox.c and enters it, for every target;
 * the process that goes on is a child. Where that is not possible it says why
 * and ends the program: with a TAP skip in a replay.
 */

/* Before and after a call that may take a path relative to the folder. */
void sandbox_begin(void);
void sandbox_end(void);

/* Removes whatever was made below the root. */
void sandbox_clear(void);

/* Makes a file below it. */
void sandbox_put(const char *path, const void *data, size_t len);

#endif
