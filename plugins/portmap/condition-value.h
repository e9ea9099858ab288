/* SPDX-License-Identifier: GPL-2.0-or-later */
/* condition-value.h - what a condition compares with */
#ifndef PORTMAP_CONDITION_VALUE_H
#define PORTMAP_CONDITION_VALUE_H

#include "fw/match.h"

/*
 * Reads the value of a match of that family whose kind and negated are set: an
 * address or prefix, the name of an interface, which any at its end makes a
 * beginning ('+' with iptables; '*' with nft, where it may be in quotes), a
 * number with or without /MASK, a type of addresses. Returns false for another
 * word, and for what could never hold.
 */
bool condition_value(const char *word, unsigned family, char any,
		     struct fw_match *m);

/* Reads a number of 32 bits: decimal, 0x or 0. Returns false for another word.
 */
bool condition_number(const char *word, uint32_t *ret);

#endif
