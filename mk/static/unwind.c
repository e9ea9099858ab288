// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * unwind.c - what would unwind a stack, for static executables
 *
 * The C library's functions can be left by a thread that is cancelled, and so
 * each executable has libgcc's unwinder and what it reads (unwind.ld): 90 kB.
 * No thread is cancelled here, and C has no exceptions. Where an executable
 * needs libgcc's nevertheless, as each does on arm, these give way to it.
 */
#include <stdlib.h>

_Noreturn void _Unwind_Resume(void *exception);
_Noreturn void __gcc_personality_v0(void);

__attribute__((weak)) void _Unwind_Resume(void *exception)
{
	(void)exception;
	abort();
}

__attribute__((weak)) void __gcc_personality_v0(void)
{
	abort();
}
