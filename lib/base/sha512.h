/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sha512.h - SHA-512 (FIPS 180-4), for names only, never for secrets */
#ifndef CNI_SHA512_H
#define CNI_SHA512_H

#include <stddef.h>

/* 64 bytes as lower-case hex and the NUL */
#define SHA512_HEXLEN 129

/* Hashes len bytes at data and writes the digest in hex. Cannot fail. */
void sha512_hex(const void *data, size_t len, char hex[SHA512_HEXLEN]);

#endif
