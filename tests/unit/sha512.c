// SPDX-License-Identifier: GPL-2.0-or-later
/* sha512.c - known answers: FIPS 180-4's, and lengths around the padding */
#include "base/sha512.h"

#include <stdlib.h>

#include "tap.h"

static const char *hash(const char *s)
{
	static char hex[SHA512_HEXLEN];

	sha512_hex(s, strlen(s), hex);
	return hex;
}

/* n times the letter a */
static const char *hash_as(size_t n)
{
	static char hex[SHA512_HEXLEN];
	char *as = malloc(n + 1);

	if (!as)
		abort();
	memset(as, 'a', n);
	sha512_hex(as, n, hex);
	free(as);
	return hex;
}

static void standard_vectors(void)
{
	EQ_STR(hash(""),
	       "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9"
	       "ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927"
	       "da3e");
	EQ_STR(hash("abc"),
	       "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d3"
	       "9a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54c"
	       "a49f");
	EQ_STR(hash("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhi"
		    "jklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"),
	       "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb68890"
	       "18501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874b"
	       "e909");
	EQ_STR(hash_as(1000000),
	       "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973"
	       "ebde0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8c"
	       "c09b");
}

/* 112 bytes no longer fit into a block with the length after them */
static void lengths_around_a_block(void)
{
	static const struct {
		size_t n;
		const char *begin;
	} t[] = {
		{ 111, "fa9121c7b32b9e01733d034cfc78cbf6" },
		{ 112, "c01d080efd492776a1c43bd23dd99d0a" },
		{ 127, "828613968b501dc00a97e08c73b118aa" },
		{ 128, "b73d1929aa615934e61a871596b3f3b3" },
		{ 129, "4f681e0bd53cda4b5a2041cc8a06f2ea" },
		{ 239, "52c853cb8d907f3d4d6b889beb027985" },
		{ 240, "4c296d90c61052a62ffb1dd196f1b7b0" },
		{ 255, "d8b5a659e365f704ab114ae7079a8da2" },
		{ 256, "6a9169eb662f136d87374070e8828b3e" },
		{ 1000, "67ba5535a46e3f86dbfbed8cbbaf0125" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const char *hex = hash_as(t[i].n);

		EQ_INT(strncmp(hex, t[i].begin, 32), 0);
		EQ_INT(strlen(hex), SHA512_HEXLEN - 1);
	}
}

/* the names of the reference plugins' chains begin like this */
static void names_of_the_reference(void)
{
	EQ_INT(strncmp(hash("testnetctr1"), "cd7ce15e03fb592b7aed2b9482866dbb",
		       32),
	       0);
	EQ_INT(strncmp(hash("unit-test"), "6fd94d501e58f0aa", 16), 0);
	EQ_INT(strncmp(hash("eth0:one"), "287fc69eff0574a2", 16), 0);
	EQ_INT(strncmp(hash("testnet"), "c5964c6794a1152e", 16), 0);
	EQ_INT(strncmp(hash("eth0:ctr1"), "7883a6f9ce71eedb", 16), 0);
}

TAP_MAIN(TEST(standard_vectors), TEST(lengths_around_a_block),
	 TEST(names_of_the_reference))
