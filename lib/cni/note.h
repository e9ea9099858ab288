/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * note.h - the ELF note that an executable of this suite carries: which plugin
 * it is, whatever it is called, and of which build
 */
#ifndef CNI_NOTE_H
#define CNI_NOTE_H

#include <elf.h>
#include <link.h>
#include <stdbool.h>

#define NOTE_OWNER "cnic"
#define NOTE_TYPE 1

/* The whole note, as it is in the file. Texts end with a NUL. */
struct cni_note {
	ElfW(Nhdr) head;
	char owner[8];
	char plugin[32];
	char build[24]; /* another one wherever a source or a flag differs */
};

/* clang-format off */
#define CNI_NOTE_SECTION                                                       \
	__attribute__((section(".note.cnic"), used, aligned(4)))
#define CNI_NOTE(plugin, build)                                                \
	{ { sizeof(NOTE_OWNER), sizeof(struct cni_note) - sizeof(ElfW(Nhdr)) - \
	    8, NOTE_TYPE }, NOTE_OWNER, plugin, build }
/* clang-format on */

/*
 * The note of file, from its first page, where linkers put notes. False where
 * it cannot be read, or has none of ours, or is for another kind of machine.
 */
bool note_read(const char *file, struct cni_note *note);

#endif
