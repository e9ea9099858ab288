/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bus.h - the system's D-Bus, by libdbus, which is loaded when it is needed */
#ifndef FIREWALL_BUS_H
#define FIREWALL_BUS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"

struct bus;

/* Whether there may be a bus: its socket is there, or an address is given by
 * DBUS_SYSTEM_BUS_ADDRESS. Loads nothing. */
bool bus_may_be(void);

/*
 * Connects. Returns 0 and an owned *ret; or -EOPNOTSUPP where the plugin was
 * built without libdbus, -ELIBACC where the machine lacks it, -ENOTCONN where
 * no bus answers.
 */
int bus_open(struct bus **ret);
void bus_close(struct bus *bus);
DEFINE_AUTO(bus, struct bus *, bus_close)

/* Whether somebody has the name. Returns 1, 0 or -EIO. */
int bus_has(struct bus *bus, const char *name);

/*
 * The same without a bus that was opened, in ms milliseconds: asked by a
 * process of our own, since libdbus connects for as long as it takes. Returns
 * 1, 0, -ETIME, -EIO or what bus_open() returns.
 */
int bus_has_within(const char *name, int ms);

/* A method of one interface, with one or two arguments that are strings. */
struct bus_call {
	const char *service, *path, *interface, *method;
	const char *arg[2]; /* arg[1] NULL: one alone */
};

/*
 * Calls it. Returns 0 and what it answered, or -EIO, then bus_why() has why:
 * a string, owned; a boolean; or strings, owned, NULL after the last one.
 */
int bus_ask_text(struct bus *bus, const struct bus_call *call, char **ret);
int bus_ask_bool(struct bus *bus, const struct bus_call *call, bool *ret);
int bus_ask_list(struct bus *bus, const struct bus_call *call, char ***ret,
		 size_t *ret_n);

/* The name of the last error and its text, or "". Borrowed. */
const char *bus_why(const struct bus *bus);

#endif
