/* SPDX-License-Identifier: GPL-2.0-or-later */
/* note-file.h - the least file that has the note of a plugin of this suite */
#ifndef NOTE_FILE_H
#define NOTE_FILE_H

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cni/note.h"

/* An ELF header, one program header, and the note. */
struct note_file {
	ElfW(Ehdr) elf;
	ElfW(Phdr) part;
	struct cni_note note;
};

static inline struct note_file note_file(const char *plugin, const char *build)
{
	const unsigned little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
					? ELFDATA2LSB
					: ELFDATA2MSB;
	struct note_file f = { .note = CNI_NOTE("", "") };

	memcpy(f.elf.e_ident, ELFMAG, SELFMAG);
	f.elf.e_ident[EI_CLASS] = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
	f.elf.e_ident[EI_DATA] = (unsigned char)little;
	f.elf.e_phoff = offsetof(struct note_file, part);
	f.elf.e_phentsize = sizeof(f.part);
	f.elf.e_phnum = 1;
	f.part.p_type = PT_NOTE;
	f.part.p_offset = offsetof(struct note_file, note);
	f.part.p_filesz = sizeof(f.note);
	snprintf(f.note.plugin, sizeof(f.note.plugin), "%s", plugin);
	snprintf(f.note.build, sizeof(f.note.build), "%s", build);
	return f;
}

/*
 * Makes that file, which may be executed, but cannot. It is there all the time:
 * other processes of a test may look for it meanwhile.
 */
static inline void note_file_put(const char *path, const char *plugin,
				 const char *build)
{
	struct note_file f = note_file(plugin, build);
	char tmp[4096];
	int fd;

	snprintf(tmp, sizeof(tmp), "%s.%d", path, (int)getpid());
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	if (fd < 0 || write(fd, &f, sizeof(f)) != (ssize_t)sizeof(f) ||
	    close(fd) < 0 || rename(tmp, path) < 0)
		abort();
}

#endif
