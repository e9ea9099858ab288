/* SPDX-License-Identifier: GPL-2.0-or-later */
/* answer.h - what a plugin has to print, as the specification says */
#ifndef SWEEP_ANSWER_H
#define SWEEP_ANSWER_H

#include <stdbool.h>

/* Exactly one JSON object, with cniVersion, code and msg. */
bool answer_is_error(const char *text);

/* Exactly one JSON object, with cniVersion and no code. */
bool answer_is_result(const char *text);

#endif
