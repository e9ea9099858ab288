// SPDX-License-Identifier: GPL-2.0-or-later
/* bus.c - the system's D-Bus, by libdbus, which is loaded when it is needed */
#include "bus.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"

bool bus_may_be(void)
{
	const char *address = getenv("DBUS_SYSTEM_BUS_ADDRESS");

	return (address && *address) ||
	       access("/run/dbus/system_bus_socket", F_OK) == 0 ||
	       access("/var/run/dbus/system_bus_socket", F_OK) == 0;
}

/* --- asked in time ---------------------------------------------------------*/

/* In a process of its own. */
static void answer(int fd, const char *name)
{
	AUTO(bus) struct bus *bus = NULL;
	int r = bus_open(&bus);

	if (r == 0)
		r = bus_has(bus, name);
	(void)fs_write_fd(fd, (const char *)&r, sizeof(r));
}

/* Returns what it says, -ETIME or -errno. */
static int hear(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct timespec left = { ms / 1000, ms % 1000 * 1000000L };
	sigset_t all;
	int said, r;

	sigfillset(&all);
	r = ppoll(&p, 1, &left, &all);
	if (r <= 0)
		return r < 0 ? -errno : -ETIME;
	return read(fd, &said, sizeof(said)) == sizeof(said) ? said : -EIO;
}

int bus_has_within(const char *name, int ms)
{
	AUTO(fd) int out = -1;
	AUTO(fd) int in = -1;
	int fds[2], r;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	out = fds[0];
	in = fds[1];
	pid = fork();
	/* a limit of processes says nothing of the bus */
	if (pid < 0)
		return errno == EAGAIN ? -ETIME : -errno;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int fd = 0; fd <= 2; fd++)
			close(fd);
		answer(in, name);
		_exit(0);
	}
	close(TAKE_FD(in));
	r = hear(out, ms);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return r;
}

#ifdef CNIC_DBUS

#include <dbus/dbus.h>
#include <dlfcn.h>

#define LIBRARY "libdbus-1.so.3"
/* firewalld may have a lot to do, but no runtime waits for ever */
#define TIMEOUT_MS 10000

/* What is used of it. */
#define FUNCTIONS(X)                                                           \
	X(dbus_error_init)                                                     \
	X(dbus_error_free)                                                     \
	X(dbus_bus_get_private)                                                \
	X(dbus_bus_name_has_owner)                                             \
	X(dbus_connection_set_exit_on_disconnect)                              \
	X(dbus_connection_close)                                               \
	X(dbus_connection_unref)                                               \
	X(dbus_connection_send_with_reply_and_block)                           \
	X(dbus_message_new_method_call)                                        \
	X(dbus_message_append_args)                                            \
	X(dbus_message_get_args)                                               \
	X(dbus_message_unref)                                                  \
	X(dbus_free_string_array)                                              \
	X(dbus_shutdown)

struct bus {
	DBusConnection *conn;
	char why[512];
#define X(name) __typeof__(name) *name;
	FUNCTIONS(X)
#undef X
};

#ifdef CNIC_DBUS_LINKED

/* In a static executable, which cannot load it. */
static int load(struct bus *bus)
{
#define X(name) bus->name = name;
	FUNCTIONS(X)
#undef X
	return 0;
}

#else

static int load(struct bus *bus)
{
	/* never unloaded: it may have given its functions to atexit() */
	void *lib = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL), *sym;

	if (!lib)
		return -ELIBACC;
#define X(name)                                                                \
	sym = dlsym(lib, #name);                                               \
	if (!sym)                                                              \
		return -ELIBACC;                                               \
	memcpy(&bus->name, &sym, sizeof(sym));
	FUNCTIONS(X)
#undef X
	return 0;
}

#endif

int bus_open(struct bus **ret)
{
	AUTO(bus) struct bus *bus = calloc(1, sizeof(*bus));
	int r = bus ? load(bus) : -ENOMEM;
	DBusError e;

	if (r < 0) {
		free(TAKE(bus));
		return r;
	}
	bus->dbus_error_init(&e);
	bus->conn = bus->dbus_bus_get_private(DBUS_BUS_SYSTEM, &e);
	bus->dbus_error_free(&e);
	if (!bus->conn)
		return -ENOTCONN;
	bus->dbus_connection_set_exit_on_disconnect(bus->conn, FALSE);
	*ret = TAKE(bus);
	return 0;
}

void bus_close(struct bus *bus)
{
	if (!bus)
		return;
	if (bus->conn) {
		bus->dbus_connection_close(bus->conn);
		bus->dbus_connection_unref(bus->conn);
	}
	bus->dbus_shutdown();
	free(bus);
}

static int fail(struct bus *bus, DBusError *e)
{
	snprintf(bus->why, sizeof(bus->why), "%s: %s",
		 e->name ? e->name : "no answer", e->message ? e->message : "");
	bus->dbus_error_free(e);
	return -EIO;
}

int bus_has(struct bus *bus, const char *name)
{
	DBusError e;
	dbus_bool_t has;

	bus->dbus_error_init(&e);
	has = bus->dbus_bus_name_has_owner(bus->conn, name, &e);
	if (e.name)
		return fail(bus, &e);
	return has ? 1 : 0;
}

static int make(struct bus *bus, const struct bus_call *call, DBusMessage **ret)
{
	dbus_bool_t ok;

	*ret = bus->dbus_message_new_method_call(call->service, call->path,
						 call->interface, call->method);
	if (!*ret)
		return -ENOMEM;
	ok = bus->dbus_message_append_args(*ret, DBUS_TYPE_STRING,
					   &call->arg[0], DBUS_TYPE_INVALID);
	if (ok && call->arg[1])
		ok = bus->dbus_message_append_args(*ret, DBUS_TYPE_STRING,
						   &call->arg[1],
						   DBUS_TYPE_INVALID);
	return ok ? 0 : -ENOMEM;
}

/* Returns 0 and the answer, owned, or -errno. */
static int ask(struct bus *bus, const struct bus_call *call, DBusMessage **ret)
{
	DBusMessage *message = NULL;
	int r = make(bus, call, &message);
	DBusError e;

	bus->why[0] = '\0';
	*ret = NULL;
	if (r == 0) {
		bus->dbus_error_init(&e);
		*ret = bus->dbus_connection_send_with_reply_and_block(
			bus->conn, message, TIMEOUT_MS, &e);
		if (!*ret)
			r = fail(bus, &e);
	}
	if (message)
		bus->dbus_message_unref(message);
	return r;
}

int bus_ask_text(struct bus *bus, const struct bus_call *call, char **ret)
{
	const char *text = NULL;
	DBusMessage *answer;
	int r = ask(bus, call, &answer);
	DBusError e;

	if (r < 0)
		return r;
	bus->dbus_error_init(&e);
	if (!bus->dbus_message_get_args(answer, &e, DBUS_TYPE_STRING, &text,
					DBUS_TYPE_INVALID))
		r = fail(bus, &e);
	*ret = r == 0 ? strdup(text) : NULL;
	bus->dbus_message_unref(answer);
	return r == 0 && !*ret ? -ENOMEM : r;
}

int bus_ask_bool(struct bus *bus, const struct bus_call *call, bool *ret)
{
	dbus_bool_t value = FALSE;
	DBusMessage *answer;
	int r = ask(bus, call, &answer);
	DBusError e;

	if (r < 0)
		return r;
	bus->dbus_error_init(&e);
	if (!bus->dbus_message_get_args(answer, &e, DBUS_TYPE_BOOLEAN, &value,
					DBUS_TYPE_INVALID))
		r = fail(bus, &e);
	*ret = value;
	bus->dbus_message_unref(answer);
	return r;
}

int bus_ask_list(struct bus *bus, const struct bus_call *call, char ***ret,
		 size_t *ret_n)
{
	DBusMessage *answer;
	int n = 0, r = ask(bus, call, &answer);
	char **list = NULL;
	DBusError e;

	*ret = NULL;
	if (r < 0)
		return r;
	bus->dbus_error_init(&e);
	if (!bus->dbus_message_get_args(answer, &e, DBUS_TYPE_ARRAY,
					DBUS_TYPE_STRING, &list, &n,
					DBUS_TYPE_INVALID))
		r = fail(bus, &e);
	if (r == 0)
		*ret = calloc((size_t)n + 1, sizeof(**ret));
	if (r == 0 && !*ret)
		r = -ENOMEM;
	for (int i = 0; i < n && r == 0; i++) {
		(*ret)[i] = strdup(list[i]);
		if (!(*ret)[i])
			r = -ENOMEM;
	}
	*ret_n = (size_t)n;
	bus->dbus_free_string_array(list);
	bus->dbus_message_unref(answer);
	return r;
}

const char *bus_why(const struct bus *bus)
{
	return bus ? bus->why : "";
}

#else

int bus_open(struct bus **ret)
{
	(void)ret;
	return -EOPNOTSUPP;
}

void bus_close(struct bus *bus)
{
	(void)bus;
}

int bus_has(struct bus *bus, const char *name)
{
	(void)bus;
	(void)name;
	return -EIO;
}

int bus_ask_text(struct bus *bus, const struct bus_call *call, char **ret)
{
	(void)bus;
	(void)call;
	(void)ret;
	return -EIO;
}

int bus_ask_bool(struct bus *bus, const struct bus_call *call, bool *ret)
{
	(void)bus;
	(void)call;
	(void)ret;
	return -EIO;
}

int bus_ask_list(struct bus *bus, const struct bus_call *call, char ***ret,
		 size_t *ret_n)
{
	(void)bus;
	(void)call;
	(void)ret;
	(void)ret_n;
	return -EIO;
}

const char *bus_why(const struct bus *bus)
{
	(void)bus;
	return "";
}

#endif
