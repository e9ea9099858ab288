/* SPDX-License-Identifier: GPL-2.0-or-later */
/* auto.h - ownership: cleanup in the declaration, moving a value out */
#ifndef CNI_AUTO_H
#define CNI_AUTO_H

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * AUTO(name) runs name_auto() on the variable when it leaves its scope. The
 * name tells the type, so the wrong destructor does not compile.
 */
#define AUTO(name) __attribute__((cleanup(name##_auto)))

/* Defines name_auto() for AUTO(name) from a destructor that accepts NULL. */
#define DEFINE_AUTO(name, type, destroy)                                       \
	static inline void name##_auto(type *p)                                \
	{                                                                      \
		destroy(*p);                                                   \
	}

/* The value of p; p itself no longer owns it. */
#define TAKE(p)                                                                \
	__extension__({                                                        \
		__typeof__(p) take_ = (p);                                     \
		(p) = NULL;                                                    \
		take_;                                                         \
	})
#define TAKE_FD(fd)                                                            \
	__extension__({                                                        \
		int take_ = (fd);                                              \
		(fd) = -1;                                                     \
		take_;                                                         \
	})

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static inline void fd_auto(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void str_auto(char **s)
{
	free(*s);
}

#endif
