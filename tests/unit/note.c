// SPDX-License-Identifier: GPL-2.0-or-later
/* note.c - the ELF note that an executable of this suite carries */
#include "cni/note.h"

#include "note-file.h"
#include "scratch.h"
#include "tap.h"

/* Reads the note of a file of those bytes. */
static bool read_of(const void *data, size_t len, struct cni_note *note)
{
	FILE *f = fopen(path_of("file"), "w");

	if (!f || fwrite(data, 1, len, f) != len || fclose(f) != 0)
		abort();
	return note_read(path_of("file"), note);
}

static void a_plugin_says_what_it_is(void)
{
	struct note_file f = note_file("host-local", "5f1c0a0b9e3d7c11");
	struct cni_note note;

	OK(read_of(&f, sizeof(f), &note));
	EQ_STR(note.plugin, "host-local");
	EQ_STR(note.build, "5f1c0a0b9e3d7c11");
}

/* The note comes after others, in a program header of its own or the same. */
static void it_is_one_of_many(void)
{
	struct many {
		ElfW(Ehdr) elf;
		ElfW(Phdr) parts[3];
		struct {
			ElfW(Nhdr) head;
			char owner[4], id[20];
		} gnu;
		struct cni_note note;
	} many = { 0 };
	struct note_file one = note_file("bridge", "b");
	struct cni_note note;

	many.elf = one.elf;
	many.elf.e_phnum = 3;
	many.parts[0].p_type = PT_LOAD;
	many.parts[1].p_type = PT_NOTE; /* empty */
	many.parts[2].p_type = PT_NOTE;
	many.parts[2].p_offset = offsetof(struct many, gnu);
	many.parts[2].p_filesz = sizeof(many.gnu) + sizeof(many.note);
	many.gnu.head = (ElfW(Nhdr)){ 4, 20, 3 };
	many.note = one.note;
	OK(read_of(&many, sizeof(many), &note));
	EQ_STR(note.plugin, "bridge");
	/* name and text are padded */
	many.gnu.head = (ElfW(Nhdr)){ 3, 18, 3 };
	OK(read_of(&many, sizeof(many), &note));
	/* sizes that lead out of the file, or would go round */
	many.gnu.head.n_descsz = 5000;
	OK(!read_of(&many, sizeof(many), &note));
	many.gnu.head.n_namesz = UINT32_MAX - 10;
	many.gnu.head.n_descsz = UINT32_MAX;
	OK(!read_of(&many, sizeof(many), &note));
}

static void a_file_that_is_cut_has_none(void)
{
	struct note_file f = note_file("bridge", "b");
	struct cni_note note;

	size_t end = offsetof(struct note_file, note) + sizeof(f.note);

	for (size_t len = 0; len < end; len++)
		OK(!read_of(&f, len, &note));
	OK(read_of(&f, end, &note));
	f.part.p_offset = 4096;
	OK(!read_of(&f, sizeof(f), &note));
	f.part.p_offset = SIZE_MAX - 3;
	OK(!read_of(&f, sizeof(f), &note));
	f = note_file("bridge", "b");
	f.elf.e_phoff = SIZE_MAX - 3;
	OK(!read_of(&f, sizeof(f), &note));
}

/* A change of one of these fields alone makes it another file. */
static void what_is_not_ours_has_none(void)
{
	struct note_file good = note_file("bridge", "b"), f;
	struct cni_note note;

#define WITH(field, value)                                                     \
	f = good;                                                              \
	f.field = (value);                                                     \
	OK(!read_of(&f, sizeof(f), &note))
	WITH(elf.e_ident[0], 'M');
	WITH(elf.e_ident[EI_CLASS],
	     ELFCLASS64 + ELFCLASS32 - f.elf.e_ident[EI_CLASS]);
	WITH(elf.e_ident[EI_DATA],
	     ELFDATA2LSB + ELFDATA2MSB - f.elf.e_ident[EI_DATA]);
	WITH(elf.e_phentsize, sizeof(f.part) + 1);
	WITH(elf.e_phnum, 0);
	WITH(part.p_type, PT_LOAD);
	WITH(part.p_filesz, 0);
	WITH(note.head.n_namesz, 4);
	WITH(note.head.n_descsz, 4);
	WITH(note.head.n_type, 2);
	WITH(note.owner[3], 'd');
	f = good;
	memset(f.note.plugin, 'x', sizeof(f.note.plugin));
	OK(!read_of(&f, sizeof(f), &note));
	f = good;
	memset(f.note.build, 'x', sizeof(f.note.build));
	OK(!read_of(&f, sizeof(f), &note));
	OK(read_of(&good, sizeof(good), &note));
}

/* A FIFO or a folder makes nothing hang, and nothing is lost. */
static void what_is_no_file_has_none(void)
{
	struct cni_note note;

	OK(!note_read(path_of("none"), &note));
	OK(!note_read(scratch, &note));
	EQ_INT(mkfifo(path_of("fifo"), 0600), 0);
	OK(!note_read(path_of("fifo"), &note));
}

TAP_MAIN(TEST(a_plugin_says_what_it_is), TEST(it_is_one_of_many),
	 TEST(a_file_that_is_cut_has_none), TEST(what_is_not_ours_has_none),
	 TEST(what_is_no_file_has_none))
