// SPDX-License-Identifier: GPL-2.0-or-later
/* note.c - the ELF note that an executable of this suite carries */
#include "cni/note.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"

/* of this machine's executables */
#define CLASS (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32)
#define DATA                                                                   \
	(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB)

/* The first page of a file, as far as there is one. */
struct page {
	char bytes[4096];
	size_t len;
};

/* Copies size bytes of the page at that place; false where they are not all
   there. */
static bool take(const struct page *page, size_t at, void *ret, size_t size)
{
	if (at > page->len || size > page->len - at)
		return false;
	memcpy(ret, page->bytes + at, size);
	return true;
}

static bool is_ours(const struct cni_note *note)
{
	static const struct cni_note like = CNI_NOTE("", "");

	return memcmp(&note->head, &like.head, sizeof(like.head)) == 0 &&
	       memcmp(note->owner, like.owner, sizeof(like.owner)) == 0 &&
	       memchr(note->plugin, '\0', sizeof(note->plugin)) &&
	       memchr(note->build, '\0', sizeof(note->build));
}

/* Finds it among the notes that are at that place. */
static bool find(const struct page *page, size_t at, size_t size,
		 struct cni_note *note)
{
	size_t end = at + size;
	ElfW(Nhdr) head;

	if (end < at || end > page->len)
		end = page->len;
	while (at < end && take(page, at, &head, sizeof(head))) {
		if (take(page, at, note, sizeof(*note)) && is_ours(note))
			return true;
		if (head.n_namesz > page->len || head.n_descsz > page->len)
			return false;
		/* name and text are each padded to four bytes */
		at += sizeof(head) + (((size_t)head.n_namesz + 3) & ~3UL) +
		      (((size_t)head.n_descsz + 3) & ~3UL);
	}
	return false;
}

static bool find_in(const struct page *page, struct cni_note *note)
{
	ElfW(Ehdr) elf;
	ElfW(Phdr) part;

	if (!take(page, 0, &elf, sizeof(elf)) ||
	    memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 ||
	    elf.e_ident[EI_CLASS] != CLASS || elf.e_ident[EI_DATA] != DATA ||
	    elf.e_phentsize != sizeof(part))
		return false;
	for (size_t i = 0; i < elf.e_phnum; i++) {
		if (!take(page, elf.e_phoff + i * sizeof(part), &part,
			  sizeof(part)))
			return false;
		if (part.p_type == PT_NOTE &&
		    find(page, part.p_offset, part.p_filesz, note))
			return true;
	}
	return false;
}

bool note_read(const char *file, struct cni_note *note)
{
	AUTO(fd) int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct page page;
	ssize_t n;

	if (fd < 0)
		return false;
	n = pread(fd, page.bytes, sizeof(page.bytes), 0);
	if (n < 0)
		return false;
	page.len = (size_t)n;
	return find_in(&page, note);
}
