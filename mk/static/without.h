/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * without.h - what libnl and libdbus do not get of the C library in a static
 * executable: mk/static.sh compiles them with this
 *
 * Names of hosts, protocols, users and groups: the C library has them by
 * plugins that it loads (nsswitch.conf), which would have to be of its own
 * version. And the log of the system, whose dates bring time zones. Nothing
 * here is called: no plugin asks libnl for such a name, and libdbus, which
 * reaches its daemon by a socket of the host's, tells it the user's number.
 */
#ifndef WITHOUT_H
#define WITHOUT_H

/* as the libraries have it; nothing is included before this */
#define _GNU_SOURCE 1
#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <sys/socket.h>
#include <syslog.h>

#define getaddrinfo(...) EAI_FAIL
#define getnameinfo(...) EAI_FAIL
#define freeaddrinfo(list) ((void)(list))
#define gai_strerror(error) "there are no names of hosts"
#define getprotobyname(name) ((struct protoent *)NULL)
#define getprotobynumber(number) ((struct protoent *)NULL)
#define getpwnam_r(...) ENOENT
#define getpwuid_r(...) ENOENT
#define getgrouplist(...) -1
#define getgrnam_r(...) ENOENT
#define getgrgid_r(...) ENOENT
#define openlog(...) ((void)0)
#define vsyslog(...) ((void)0)

#endif
