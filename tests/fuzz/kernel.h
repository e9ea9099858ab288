/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel.h - a kernel whose answers are an input
 *
 * The first byte of the input is what every setting below /proc/sys says, '0'
 * or '1'. Nothing that lib/route and lib/fw send leaves the process. What they
 * receive is a datagram of the input after the other: two bytes with its
 * length, the lower one first, and the bytes. In the messages of a datagram,
 * sequence number 0 stands for the last message that was sent and 1 for the
 * first one of the transaction: what record.c writes. When the input is used
 * up, the kernel knows of nothing, and lets everything be made.
 */
#ifndef FUZZ_KERNEL_H
#define FUZZ_KERNEL_H

#include "fuzz.h"

/* Begins a conversation; the bytes are borrowed. */
void kernel_start(const uint8_t *answers, size_t size);

/* Whether all that it has to say was said. */
bool kernel_done(void);

#endif
