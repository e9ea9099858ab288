// SPDX-License-Identifier: GPL-2.0-or-later
/* name.c - which names are allowed, and what is made of an attachment's */
#include "base/name.h"

#include <net/if.h>
#include <stdint.h>

#include "tap.h"

static void plain_names(void)
{
	static const char *const good[] = {
		"a",   "Z9",	"0",
		"a.b", "a_b-c", "9...",
		"a-",  "x__",	"k8s.io-0123456789abcdef"
	};
	static const char *const bad[] = { "",	    ".",     "..",   "-a",
					   "_a",    ".a",    "a/b",  "a b",
					   "a\n",   "a:b",   "../x", "a\t",
					   "\xc3z", "a\xff", "a$",   "a\\b",
					   "a\x01", " a" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		OK(cni_name_ok(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		OK(!cni_name_ok(bad[i]));
}

static void every_single_byte(void)
{
	for (int c = 1; c < 256; c++) {
		char first[] = { (char)c, 'a', 0 };
		char later[] = { 'a', (char)c, 0 };
		bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9');

		EQ_INT(cni_name_ok(first), alnum);
		EQ_INT(cni_name_ok(later),
		       alnum || c == '.' || c == '_' || c == '-');
	}
}

static const char *problem(const char *s)
{
	const char *p = cni_ifname_problem(s);

	return p ? p : "fine";
}

static void interface_names(void)
{
	EQ_STR(problem("eth0"), "fine");
	EQ_STR(problem("0123456789abcde"), "fine");
	EQ_STR(problem("..."), "fine");
	EQ_STR(problem("-"), "fine");
	EQ_STR(problem("\xc3\xa9th"), "fine");
	EQ_STR(problem("%s"), "interface name contains %");
	EQ_STR(problem(""), "interface name is empty");
	EQ_STR(problem("eth%d"), "interface name contains %");
	EQ_STR(problem("."), "interface name is . or ..");
	EQ_STR(problem(".."), "interface name is . or ..");
	EQ_STR(problem("0123456789abcdef"), "interface name is too long");
	/* bytes count, not characters */
	EQ_STR(problem("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3"
		       "\xa9\xc3\xa9"),
	       "interface name is too long");
	/* and so does the length before the letters */
	EQ_STR(problem("/////////////////"), "interface name is too long");
}

static void separators_and_white_space(void)
{
	static const char bad[] =
		"interface name contains / or : or whitespace characters";
	/* White_Space of the Unicode Character Database, in UTF-8 */
	static const char *const spaces[] = { "\t",
					      "\n",
					      "\v",
					      "\f",
					      "\r",
					      " ",
					      "\xc2\x85",
					      "\xc2\xa0",
					      "\xe1\x9a\x80",
					      "\xe2\x80\x80",
					      "\xe2\x80\x81",
					      "\xe2\x80\x82",
					      "\xe2\x80\x83",
					      "\xe2\x80\x84",
					      "\xe2\x80\x85",
					      "\xe2\x80\x86",
					      "\xe2\x80\x87",
					      "\xe2\x80\x88",
					      "\xe2\x80\x89",
					      "\xe2\x80\x8a",
					      "\xe2\x80\xa8",
					      "\xe2\x80\xa9",
					      "\xe2\x80\xaf",
					      "\xe2\x81\x9f",
					      "\xe3\x80\x80",
					      "/",
					      ":" };

	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
		char s[16];

		snprintf(s, sizeof(s), "a%sb", spaces[i]);
		EQ_STR(problem(s), bad);
		EQ_STR(problem(spaces[i]), bad);
	}
	/* what merely looks like one: U+200B, U+FEFF */
	EQ_STR(problem("a\xe2\x80\x8b"), "fine");
	EQ_STR(problem("a\xef\xbb\xbf"), "fine");
	/* the byte 0xa0 is white space to the kernel, in U+00E0 as anywhere */
	EQ_STR(problem("\xc3\xa0"), bad);
}

static const char *owner(const char *net, const char *id, const char *ifname,
			 size_t size)
{
	static char buf[CNI_OWNER_LEN];
	const struct cni_attachment a = { net, id, ifname };

	memset(buf, '!', sizeof(buf));
	return cni_owner(&a, buf, size);
}

/* n letters */
static const char *letters(size_t n)
{
	static char s[512];

	memset(s, 'x', n);
	s[n] = '\0';
	return s;
}

static void owner_texts(void)
{
	EQ_STR(owner("net", "ctr1", "eth0", CNI_OWNER_LEN),
	       "cni:net:ctr1:eth0");
	/* "cni:net:" + id + ":eth0" is 13 bytes and the id */
	EQ_INT(strlen(owner("net", letters(114), "eth0", CNI_COMMENT_LEN)),
	       127);
	EQ_INT(strlen(owner("net", letters(242), "eth0", CNI_OWNER_LEN)), 255);
}

static void owner_texts_that_do_not_fit(void)
{
	char twice[CNI_OWNER_LEN];

	/* sha512 of "net" and of 115 x */
	EQ_STR(owner("net", letters(115), "eth0", CNI_COMMENT_LEN),
	       "cni:#a4861f4ae9f7d238b966bcebfb80ad5d:"
	       "#e693f612febbca5417dbee5903110801:eth0");
	snprintf(twice, sizeof(twice), "%s",
		 owner("net", letters(243), "0123456789abcde", CNI_OWNER_LEN));
	EQ_STR(twice, "cni:#a4861f4ae9f7d238b966bcebfb80ad5d:"
		      "#7b90b43ea4ac0735af26558c84f4a168:0123456789abcde");
	/* the comment of the same attachment is the same text */
	EQ_STR(owner("net", letters(243), "0123456789abcde", CNI_COMMENT_LEN),
	       twice);
	OK(strlen(twice) < CNI_COMMENT_LEN);
}

static void owners_of_a_network(void)
{
	OK(cni_owner_in_network("cni:net:c:eth0", "net"));
	OK(!cni_owner_in_network("cni:net2:c:eth0", "net"));
	OK(!cni_owner_in_network("cni:ne:c:eth0", "net"));
	OK(!cni_owner_in_network("cni:net", "net"));
	OK(!cni_owner_in_network("cni:", "net"));
	OK(!cni_owner_in_network("", "net"));
	OK(!cni_owner_in_network("xni:net:c:eth0", "net"));
	OK(!cni_owner_in_network("a cni:net:c:eth0", "net"));
	OK(cni_owner_in_network(owner("net", letters(300), "e", CNI_OWNER_LEN),
				"net"));
	OK(!cni_owner_in_network(owner("net", letters(300), "e", CNI_OWNER_LEN),
				 "net2"));
	OK(!cni_owner_in_network("cni:#", "net"));
	OK(cni_owner_in_network(owner(letters(300), "c", "e", CNI_COMMENT_LEN),
				letters(300)));
}

static const char *veth(const char *net, const char *id, const char *ifname,
			unsigned salt)
{
	static char name[16];
	const struct cni_attachment a = { net, id, ifname };

	cni_veth_name(&a, salt, name);
	return name;
}

static void aliases(void)
{
	const struct cni_attachment a = { "net", "c1", "eth0" };
	char comment[CNI_COMMENT_LEN], buf[CNI_OWNER_LEN], text[800];
	struct cni_attachment ret;

	OK(cni_alias_is("cni:net:c1:eth0", &a));
	OK(cni_alias_is("cni:net:c1:eth0 shop/cart", &a));
	OK(!cni_alias_is("cni:net:c1:eth01", &a));
	OK(!cni_alias_is("cni:net:c1:eth", &a));
	OK(!cni_alias_is("", &a));
	OK(!cni_alias_is(" cni:net:c1:eth0", &a));

	OK(cni_alias_read("cni:net:c1:eth0 shop/cart:1", buf, &ret));
	EQ_STR(ret.network, "net");
	EQ_STR(ret.id, "c1");
	EQ_STR(ret.ifname, "eth0");
	OK(!cni_alias_read("", buf, &ret));
	OK(!cni_alias_read(" ", buf, &ret));
	OK(!cni_alias_read("cni", buf, &ret));
	OK(!cni_alias_read("cni:net", buf, &ret));
	OK(!cni_alias_read("cni:net:c1", buf, &ret));
	OK(!cni_alias_read("xni:net:c1:eth0", buf, &ret));
	OK(!cni_alias_read(owner("net", letters(300), "e", CNI_OWNER_LEN), buf,
			   &ret));

	OK(cni_alias_comment("cni:net:c1:eth0 shop/cart", comment));
	EQ_STR(comment, "cni:net:c1:eth0");
	snprintf(text, sizeof(text), "%s shop/cart",
		 owner("net", letters(150), "e", CNI_OWNER_LEN));
	OK(cni_alias_comment(text, comment));
	EQ_STR(comment, owner("net", letters(150), "e", CNI_COMMENT_LEN));
	snprintf(text, sizeof(text), "%s", letters(200));
	OK(!cni_alias_comment(text, comment));
}

static void veth_names(void)
{
	char first[16];

	/* of an attachment for ever: DEL after an upgrade must find it */
	EQ_STR(veth("net1", "c1", "eth0", 0), "vethf81ad137");
	snprintf(first, sizeof(first), "%s", veth("net1", "c1", "eth0", 0));
	EQ_INT(strlen(first), 12);
	EQ_INT(strspn(first + 4, "0123456789abcdef"), 8);
	OK(strcmp(first, veth("net1", "c1", "eth0", 1)) != 0);
	OK(strcmp(first, veth("net1", "c1", "eth1", 0)) != 0);
	OK(strcmp(first, veth("net1", "c2", "eth0", 0)) != 0);
	OK(strcmp(first, veth("net2", "c1", "eth0", 0)) != 0);
	/* no part runs over into the next one */
	OK(strcmp(first, veth("net", "1c1", "eth0", 0)) != 0);
	snprintf(first, sizeof(first), "%s", veth("n", "c", "0:e", 1));
	OK(strcmp(first, veth("n", "c", "e", 10)) != 0);
}

TAP_MAIN(TEST(plain_names), TEST(every_single_byte), TEST(interface_names),
	 TEST(separators_and_white_space), TEST(owner_texts),
	 TEST(owner_texts_that_do_not_fit), TEST(owners_of_a_network),
	 TEST(aliases), TEST(veth_names))
