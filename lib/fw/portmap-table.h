/* SPDX-License-Identifier: GPL-2.0-or-later */
/* portmap-table.h - inside lib/fw: the table of mapped ports */
#ifndef CNI_FW_PORTMAP_TABLE_H
#define CNI_FW_PORTMAP_TABLE_H

#include <net/if.h>

#include "fw/portmap.h"
#include "fw/table.h"

#define FW_PORTMAP_TABLE "cni_portmap"
extern const struct fw_table portmap_table;

/*
 * The sets and maps of a family. What is masqueraded is told by the mapping:
 * l4proto . ct original proto-dst . daddr . dport.
 */
struct portmap_sets {
	struct fw_set ports; /* l4proto . dport : address . port */
	struct fw_set addrs; /* daddr . l4proto . dport : the same */
	struct fw_set hosts; /* daddr: those of addrs, now or before */
	/* the key of either, of what is mapped on conditions: goto their chain
	 */
	struct fw_set if_ports, if_addrs;
	struct fw_set hairpin; /* iifname . the mapping */
	struct fw_set self;    /* saddr . the mapping */
	struct fw_set local;   /* oifname . the mapping */
	struct fw_set all;     /* the mapping */
};
const struct portmap_sets *portmap_sets(unsigned family);
/* iface . a hash of the owner: 127.0.0.0/8 is let out to it for that one */
extern const struct fw_set portmap_open;
/* a hash of the owner : its note's from, or ::. Another attachment of its
 * container has ports that it asked for. */
extern const struct fw_set portmap_waiting;
/*
 * The key of ports6 and addrs6, of what the host may ask by ::1 : an address of
 * the host that such a packet comes from then. With ::1 as a connection's
 * source, the answer would be for ::1, which the kernel takes from lo alone.
 */
extern const struct fw_set portmap_lo_ports, portmap_lo_addrs;

/* Adds to a rule the dnat by @ports4 or @ports6 (any), or @addrs4 or @addrs6.
 */
void portmap_put_dnat(struct fw *fw, unsigned family, bool any);

/*
 * The chain of conditions, for all who have the same: its name is their hash,
 * and where they hold, it does what the rules of all would have done. It is
 * there as long as an element leads to it.
 */
struct portmap_if {
	struct fw_table table; /* to be looked for and made */
	unsigned family;
	const struct fw_match *v; /* borrowed */
	size_t n;
	char name[FW_GOTO_SIZE];
};
/* With v NULL only for the chain's name. */
void portmap_if_init(struct portmap_if *ret, unsigned family, const char *hash,
		     const struct fw_match *v, size_t n);

/*
 * The attachment's own set: host . proto . port . to . to_port, where IPv4 is
 * ::ffff:a.b.c.d. Its comment is the owner text, its note what else DEL has to
 * know.
 */
struct portmap_own {
	struct fw_set set;
	char name[40];
	char note[FW_SET_TEXT];
};
void portmap_own_init(struct portmap_own *own, const char *owner);

/* The note, taken apart. */
struct portmap_note {
	char iface[IFNAMSIZ], link[IFNAMSIZ];
	bool snat, snat_all, local, waits;
	bool lo6;	     /* ::1 is let out */
	struct ip_addr from; /* by this address; not in the text */
	/* the hashes of what else has to hold, of IPv4 and IPv6; "": nothing */
	char only[2][FW_MATCH_HASH];
};
void portmap_note_print(const struct portmap_note *n, char ret[FW_SET_TEXT]);
void portmap_note_parse(const char *text, struct portmap_note *ret);

/* The element of the own set, and the mapping from that: false if it is none.
 */
void portmap_own_elem(const struct fw_port *p, struct fw_elem *ret);
bool portmap_own_port(const struct fw_elem *e, struct fw_port *ret);

/*
 * The other elements of a mapping, by their kind. Returns the set of that one
 * and fills *ret, or NULL where there is none of that kind.
 */
enum portmap_kind {
	PORTMAP_MAP,
	PORTMAP_IF,
	PORTMAP_LO,
	PORTMAP_HAIRPIN,
	PORTMAP_SELF,
	PORTMAP_LOCAL,
	PORTMAP_ALL,
	PORTMAP_KINDS
};
const struct fw_set *portmap_elem(enum portmap_kind kind,
				  const struct portmap_note *note,
				  const struct fw_port *p, const char *owner,
				  struct fw_elem *ret);
/*
 * Which mappings have no elements of their own but those of held kinds, since
 * they differ from another one by nothing but host. Fills *ret, owned by the
 * caller, with n answers. Returns 0 or -ENOMEM.
 */
int portmap_repeated(const struct fw_port *v, size_t n, bool **ret);
/* Whether only one attachment can have it, since others have the same key. */
static inline bool portmap_is_held(enum portmap_kind kind)
{
	return kind == PORTMAP_MAP || kind == PORTMAP_IF || kind == PORTMAP_LO;
}
/*
 * The address of a mapping, among those that any mapping has or had since the
 * table was made: they are few, and nobody's. Returns their set, or NULL for a
 * mapping of any address.
 */
const struct fw_set *portmap_host_elem(const struct fw_port *p,
				       struct fw_elem *ret);
/* That of the attachment itself, in portmap_open. */
void portmap_open_elem(const struct portmap_note *note, const char *owner,
		       struct fw_elem *ret);
/* The same in portmap_waiting. */
void portmap_waiting_elem(const struct portmap_note *note, const char *owner,
			  struct fw_elem *ret);

/*
 * Whether both owner texts are of one container: "cni:<network>:<id>:<if>".
 * Where they had to be shortened, that is not told.
 */
bool portmap_same_container(const char *a, const char *b);

/*
 * Reads the attachment's own set: its note, and appends its mappings to
 * *ports. Returns 1, 0 where there is none, or -errno.
 */
int portmap_own_read(struct fw *fw, const struct portmap_own *own,
		     struct portmap_note *note, struct fw_portmap_gone *ports);

#endif
