// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bridge-go.c - DEL of what the Go plugins made, which is known by nothing but
 * its looks, and of what only looks like it; CHECK of a link in its place
 *
 * unit: plugins/bridge
 */
#include "bridge-ipam.h"

#define CONF "{\"cniVersion\":\"1.0.0\",\"name\":\"pods\",\"bridge\":\"br0\"}"
#define GO "veth0123abcd"

/* The path of a namespace, for programs. */
static const char *path_to(int netns)
{
	static char buf[64];

	snprintf(buf, sizeof(buf), "/proc/%d/fd/%d", (int)getpid(), netns);
	return buf;
}

/* A veth between the sandbox and the host, without a word whose it is. */
static void make_veth(const char *inner, const char *outer)
{
	OK(inside("ip link add name %s type veth peer name %s &&"
		  " ip link set %s netns %s",
		  inner, outer, outer, path_to(host)));
}

static void start(void)
{
	ipam_set_up();
	sh("ip link add br0 type bridge && ip link add br9 type bridge");
}

static bool has_inside(const char *name)
{
	return inside("ip link show dev %s >/dev/null 2>&1", name);
}

static bool on_host(const char *name)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "ip link show dev %s >/dev/null 2>&1", name);
	fflush(stdout);
	return succeeds(cmd);
}

static void the_interface_that_the_go_plugins_made_goes(void)
{
	static const struct {
		const char *outer, *then;
		bool goes;
	} t[] = {
		/* named as theirs, or a port, or both */
		{ GO, "true", true },
		{ "other", "ip link set other master br0", true },
		{ GO, "ip link set " GO " master br0", true },
		/* neither */
		{ "other", "true", false },
		{ "veth0123abc", "true", false },
		{ "veth0123abcde", "true", false },
		{ "veth0123abcg", "true", false },
		{ "veth0123abcdg", "true", false },
		{ "vetH0123abcd", "true", false },
		/* somebody wrote an alias: the bridge tells, if it is this one
		 */
		{ GO, "ip link set " GO " master br0 alias mine", true },
		{ GO, "ip link set " GO " alias mine", false },
		{ GO, "ip link set " GO " master br9 alias mine", false },
		/* another attachment's */
		{ GO, "ip link set " GO " master br0 alias cni:a:b:c", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		start();
		make_veth("eth0", t[i].outer);
		sh("%s", t[i].then);
		EQ_INT(run("DEL", CONF), 0);
		EQ_INT(has_inside("eth0"), !t[i].goes);
		EQ_INT(on_host(t[i].outer), !t[i].goes);
	}
}

/* The other end is where it was made, and that is no host. */
static void an_interface_of_another_kind_stays(void)
{
	start();
	OK(inside("ip link add eth0 type bridge"));
	EQ_INT(run("DEL", CONF), 0);
	OK(has_inside("eth0"));
	start();
	OK(inside("ip link add eth0 type veth peer name " GO));
	EQ_INT(run("DEL", CONF), 0);
	OK(has_inside("eth0"));
	/* there is a veth of that index on the host, but it has another end */
	start();
	OK(inside("ip link add eth0 index 50 type veth peer index 100"
		  " name " GO));
	sh("ip link add name " GO " index 100 type veth peer name other");
	EQ_INT(run("DEL", CONF), 0);
	OK(has_inside("eth0"));
	OK(on_host(GO));
}

/* Jumps of the container's addresses .2 and .3, in the form of iptables. */
static void masquerade_both(void)
{
	if (!succeeds("command -v iptables-nft >/dev/null"))
		skip_all("iptables-nft");
	sh("C=CNI-$(printf podsc1 | sha512sum | cut -c1-24);"
	   "t='iptables-nft -t nat'; $t -N $C;"
	   "for i in 2 3; do $t -A POSTROUTING -s 10.9.0.$i -j $C"
	   " -m comment --comment 'name: \"pods\" id: \"c1\"'; done");
}

static void has_jumps(bool two, bool three)
{
	char rules[4096];
	FILE *f = popen("iptables-nft -t nat -S", "r");
	size_t n = f ? fread(rules, 1, sizeof(rules) - 1, f) : 0;

	rules[n] = '\0';
	EQ_INT(f ? pclose(f) : -1, 0);
	EQ_INT(strstr(rules, "10.9.0.2/32") != NULL, two);
	EQ_INT(strstr(rules, "10.9.0.3/32") != NULL, three);
	if (tap_failed)
		printf("# DEL: %s, rules:\n%s", out, rules);
}

/* Two interfaces of a container on a network share their iptables chain. */
static void the_masquerade_of_the_containers_others_stays(void)
{
	static const char prev[] =
		"{\"cniVersion\":\"1.0.0\",\"name\":\"pods\","
		"\"bridge\":\"br0\",\"prevResult\":{\"cniVersion\":\"1.0.0\","
		"\"ips\":[{\"address\":\"10.9.0.%s/24\"}]}}";
	char conf[256];

	/* the addresses that it has, whatever the result says */
	start();
	make_veth("eth0", GO);
	OK(inside("ip addr add 10.9.0.2/24 dev eth0"));
	masquerade_both();
	snprintf(conf, sizeof(conf), prev, "3");
	EQ_INT(run("DEL", conf), 0);
	has_jumps(false, true);

	/* those of the result where it has none but the kernel's own */
	start();
	make_veth("eth0", GO);
	OK(inside("ip addr add fe80::2/64 dev eth0"));
	masquerade_both();
	snprintf(conf, sizeof(conf), prev, "2");
	EQ_INT(run("DEL", conf), 0);
	has_jumps(false, true);

	/* none at all where ours goes, of which no address is known */
	start();
	EQ_INT(run("ADD", CONF), 0);
	masquerade_both();
	EQ_INT(run("DEL", CONF), 0);
	has_jumps(true, true);
	/* and all of them where nothing is */
	EQ_INT(run("DEL", CONF), 0);
	has_jumps(false, false);
}

static const char *mac_of(const char *name)
{
	static char buf[MAC_STRLEN];
	AUTO(rt) struct rt *rt = NULL;
	struct rt_link l = { 0 };

	EQ_INT(rt_open(&rt), 0);
	EQ_INT(rt_link_get(rt, name, &l), 0);
	mac_format(l.mac, buf);
	return buf;
}

static const char *conf_listing(const char *name, const char *mac,
				const char *more)
{
	static char buf[1024];

	snprintf(buf, sizeof(buf),
		 "{\"cniVersion\":\"1.0.0\",\"name\":\"pods\","
		 "\"bridge\":\"br0\",\"prevResult\":{\"cniVersion\":\"1.0.0\","
		 "\"interfaces\":[{\"name\":\"br0\"},"
		 "{\"name\":\"%s\",\"mac\":\"%s\"%s}]}}",
		 name, mac, more);
	return buf;
}

/* Without a namespace, what the result says is all there is to go by. */
static void the_hosts_end_that_the_result_names_goes(void)
{
	static const struct {
		const char *outer, *then, *mac, *more;
		bool goes;
	} t[] = {
		{ GO, "ip link set " GO " master br0", NULL, "", true },
		/* as ptp's, which is no bridge's port */
		{ GO, "true", NULL, "", true },
		{ "other", "ip link set other master br0", NULL, "", false },
		{ GO, "ip link set " GO " master br0 alias mine", NULL, "",
		  false },
		{ GO, "ip link set " GO " master br0", "02:00:00:00:00:01", "",
		  false },
		{ GO, "ip link set " GO " master br0", "", "", false },
		{ GO, "ip link set " GO " master br0", NULL,
		  ",\"sandbox\":\"/somewhere\"", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		const char *mac = t[i].mac;
		int real;

		start();
		real = sandbox;
		make_veth("renamed", t[i].outer);
		sh("%s", t[i].then);
		mac = mac ? mac : mac_of(t[i].outer);
		sandbox = 4711; /* where there is nothing */
		EQ_INT(run("DEL", conf_listing(t[i].outer, mac, t[i].more)), 0);
		sandbox = real;
		EQ_INT(has_inside("renamed"), !t[i].goes);
		EQ_INT(on_host(t[i].outer), !t[i].goes);
	}
}

/* --- CHECK ------------------------------------------------------------------
 */

/* The link is as in the result, but of another pair. */
static void another_link_in_the_place_of_the_hosts_end_is_noticed(void)
{
	static char conf[sizeof(out) + 1024];
	AUTO(rt) struct rt *rt = NULL;
	char mac[MAC_STRLEN], name[IFNAMSIZ];
	int index;

	start();
	EQ_INT(run("ADD", CONF), 0);
	snprintf(name, sizeof(name), "%.12s", strstr(out, "veth"));
	snprintf(conf, sizeof(conf), "%.*s,\"prevResult\":%s}",
		 (int)strlen(CONF) - 1, CONF, out);
	EQ_INT(run("CHECK", conf), 0);

	EQ_INT(rt_open(&rt), 0);
	index = index_of(rt, name);
	snprintf(mac, sizeof(mac), "%s", mac_of(name));
	sh("ip link set %s netns %s", name, path_to(sandbox));
	sh("ip link add name %s index %d address %s type veth peer name other",
	   name, index, mac);
	sh("ip link set other up; ip link set %s up master br0", name);
	EQ_INT(run("CHECK", conf), 1);
	OK(strstr(out, "the host's end of eth0 was not found"));
}

TAP_MAIN(TEST(the_interface_that_the_go_plugins_made_goes),
	 TEST(an_interface_of_another_kind_stays),
	 TEST(the_masquerade_of_the_containers_others_stays),
	 TEST(the_hosts_end_that_the_result_names_goes),
	 TEST(another_link_in_the_place_of_the_hosts_end_is_noticed))
