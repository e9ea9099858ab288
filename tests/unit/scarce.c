// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * scarce.c - whole calls of the real plugins with their Nth allocation failing,
 * for every N, and with so many file descriptors as there may be: one error
 * JSON, and nothing left of a failed ADD
 *
 * unit: plugins/bridge plugins/host-local plugins/loopback
 */
#define TAP_DEADLINE 300 /* a call for each allocation of a call */
#include "whole-call.h"

#include <dirent.h>
#include <linux/netfilter.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "failing-malloc.h"
#include "fw/read.h"

extern const struct cni_plugin plugin_bridge, plugin_host_local,
	plugin_loopback;
static const struct cni_plugin *const plugins[] = { &plugin_bridge,
						    &plugin_host_local,
						    &plugin_loopback, NULL };

/* --- a call that lacks something ------------------------------------------ */

static bool failed; /* the last one of them did */

enum scarce {
	NOTHING,
	MEMORY,
	FILES
};
#define ENOUGH_FILES 64

/* allocation n fails, or no descriptor from n on is to be had */
static void run_short(enum scarce what, long n)
{
	struct rlimit files;

	EQ_INT(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = what == FILES ? (rlim_t)n : files.rlim_max;
	EQ_INT(setrlimit(RLIMIT_NOFILE, &files), 0);
	count = 0;
	fail_at = what == MEMORY ? n : 0;
}

static int run(const struct cni_plugin *plugin, const char *verb,
	       const char *conf, enum scarce what, long n)
{
	const struct cni_program program = { "this", plugins };
	struct cni_io io = begin_call(verb, conf);
	int r;

	io.program = &program;
	run_short(what, n);
	r = cni_run(plugin, &io);
	n = count;
	run_short(NOTHING, 0);
	count = n;
	end_call(&io);
	return r;
}

/* --- what is there -------------------------------------------------------- */

static int links_in(int netns)
{
	struct if_nameindex *all;
	int n = 0;

	enter(netns);
	all = if_nameindex();
	while (all && all[n].if_index)
		n++;
	if_freenameindex(all);
	enter(host);
	return n;
}

static int reservations(void)
{
	DIR *d = opendir(path_of("store/pods"));
	int n = 0;

	for (struct dirent *e; d && (e = readdir(d));)
		n += *e->d_name == '1' || *e->d_name == 'f';
	if (d)
		closedir(d);
	return n;
}

static int count_chain(const struct fw_chain *chain, void *arg)
{
	int *n = arg;

	*n += strncmp(chain->table, "cni_", 4) == 0;
	return 0;
}

/* The number of chains, one for each table with elements of an attachment. */
static int chains(void)
{
	AUTO(fw) struct fw *fw = NULL;
	int n = 0;

	EQ_INT(fw_open(&fw), 0);
	EQ_INT(fw_chains(fw, NFPROTO_UNSPEC, count_chain, &n), 0);
	return n;
}

static int is_lo_up(int netns)
{
	struct ifreq req = { .ifr_name = "lo" };
	AUTO(fd) int fd = -1;

	enter(netns);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	EQ_INT(ioctl(fd, SIOCGIFFLAGS, &req), 0);
	enter(host);
	return !!(req.ifr_flags & IFF_UP);
}

/* A number for all that is left: nothing is 11, lo on each side. */
static int left(void)
{
	return 10000 * is_lo_up(sandbox) + 1000 * chains() +
	       100 * reservations() + 10 * links_in(host) + links_in(sandbox);
}

/* --- the sweep ------------------------------------------------------------ */

/* conf with the result of an ADD, which a runtime keeps for the other verbs,
   and for GC that no attachment is valid */
static const char *after_add(const struct cni_plugin *plugin, const char *conf)
{
	static char buf[2 * sizeof(out)];

	EQ_INT(run(plugin, "ADD", conf, NOTHING, 0), 0);
	snprintf(buf, sizeof(buf),
		 "%.*s, \"prevResult\": %s, "
		 "\"cni.dev/valid-attachments\": []}",
		 (int)strlen(conf) - 1, conf, out);
	return buf;
}

/* The error says what was lacking: so something can be done about it. */
static bool names(enum scarce what)
{
	if (what == FILES)
		return strcasestr(out, "too many open files");
	return strstr(out, "out of memory") ||
	       strcasestr(out, "cannot allocate memory");
}

/* A call that has n allocations, or descriptors. Returns whether it lacked
   none. */
static bool sweep_one(const struct cni_plugin *plugin, const char *verb,
		      const char *conf, enum scarce what, long n)
{
	int files = open_files();
	int r = run(plugin, verb, conf, what, n);
	bool enough = what == MEMORY ? count < n : n == ENOUGH_FILES;

	EQ_INT(open_files(), files);
	if (r != 0)
		OK(is_error_json(out) && names(what));
	if (enough)
		EQ_INT(r, 0);
	failed = r != 0;
	return enough;
}

/*
 * Again and again, each time with a little more. ADD comes with nothing there,
 * the other verbs after an ADD; those that change something are followed by a
 * DEL. none is what is there without an attachment.
 */
static void sweep(const struct cni_plugin *plugin, const char *verb,
		  const char *conf, enum scarce what, int none)
{
	bool adds = strcmp(verb, "ADD") == 0;
	bool removes = strcmp(verb, "DEL") == 0 || strcmp(verb, "GC") == 0;
	const char *c = adds ? conf : after_add(plugin, conf);
	int with = left();
	bool enough;
	long n = 0;

	do {
		if (removes && n > 0)
			c = after_add(plugin, conf);
		enough = sweep_one(plugin, verb, c, what, ++n);
		if (failed ? adds : removes)
			EQ_INT(left(), none);
		if (!adds && !removes)
			EQ_INT(left(), with);
		if (tap_failed) {
			printf("# %s, %s %ld: %s\n", verb,
			       what == MEMORY ? "allocation" : "descriptor", n,
			       out);
			return;
		}
		if (adds || removes)
			EQ_INT(run(plugin, "DEL", conf, NOTHING, 0), 0);
		if (adds || removes)
			EQ_INT(left(), none);
	} while (!enough && n < 10000);
	OK(enough && n > 20);
}

/* A host and a folder of its own for one of the sweeps. */
static void sweep_alone(const struct cni_plugin *plugin, const char *verb,
			const char *(*make_conf)(void), enum scarce what)
{
	size_t len = strlen(scratch);
	const char *conf;
	int none;

	snprintf(scratch + len, sizeof(scratch) - len, "/%d", (int)getpid());
	EQ_INT(mkdir(scratch, 0700), 0);
	set_up();
	install("host-local");
	put_file("resolv.conf",
		 "nameserver 10.0.0.1\nsearch a b\noptions x\ndomain d\n",
		 0644);
	conf = make_conf();
	/* what a network keeps is there from then on */
	after_add(plugin, conf);
	EQ_INT(run(plugin, "DEL", conf, NOTHING, 0), 0);
	none = left();
	sweep(plugin, verb, conf, what, none);
}

/* Sweeps run all at once, since they wait for the kernel most of the time. */
static void sweep_all(const struct cni_plugin *plugin,
		      const char *(*make_conf)(void))
{
	static const char *const verbs[] = { "ADD", "CHECK", "DEL", "GC",
					     "STATUS" };
	int status;

	for (size_t i = 0; i < 2 * ARRAY_SIZE(verbs); i++) {
		const char *verb = verbs[i / 2];

		if ((!plugin->gc && strcmp(verb, "GC") == 0) ||
		    (!plugin->status && strcmp(verb, "STATUS") == 0) ||
		    fork() != 0)
			continue;
		sweep_alone(plugin, verb, make_conf, i % 2 ? FILES : MEMORY);
		exit(tap_failed != 0);
	}
	while (wait(&status) > 0)
		EQ_INT(status, 0);
}

static const char *ipam_conf(const char *head, const char *tail)
{
	static char buf[2048];

	snprintf(buf, sizeof(buf),
		 "{\"cniVersion\":\"1.1.0\",\"name\":\"pods\",%s\"ipam\":{"
		 "\"type\":\"host-local\",\"dataDir\":\"%s/store\","
		 "\"resolvConf\":\"%s/resolv.conf\","
		 "\"routes\":[{\"dst\":\"10.1.0.0/16\"}],"
		 "\"ranges\":[[{\"subnet\":\"10.9.0.0/24\"}],"
		 "[{\"subnet\":\"fd09::/64\"}]]}%s}",
		 head, scratch, scratch, tail);
	return buf;
}

static const char *host_local_conf(void)
{
	return ipam_conf("", ",\"args\":{\"cni\":{\"ips\":[\"10.9.0.7\"]}},"
			     "\"runtimeConfig\":{\"ipRanges\":[["
			     "{\"subnet\":\"10.8.0.0/25\"}]]}");
}

static void host_local(void)
{
	sweep_all(&plugin_host_local, host_local_conf);
}

static const char *old_range_conf(void)
{
	static char conf[1024];

	snprintf(conf, sizeof(conf),
		 "{\"cniVersion\":\"1.1.0\",\"name\":\"pods\",\"ipam\":{"
		 "\"dataDir\":\"%s/store\",\"subnet\":\"10.9.0.0/24\","
		 "\"type\":\"host-local\"}}",
		 scratch);
	return conf;
}

static void host_local_old_range(void)
{
	sweep_all(&plugin_host_local, old_range_conf);
}

static const char *bridge_conf(void)
{
	return ipam_conf("\"bridge\":\"br0\",\"isDefaultGateway\":true,"
			 "\"ipMasq\":true,\"macspoofchk\":true,"
			 "\"hairpinMode\":true,",
			 ",\"runtimeConfig\":{\"mac\":"
			 "\"02:00:00:00:00:09\"}");
}

static void bridge(void)
{
	sweep_all(&plugin_bridge, bridge_conf);
}

static const char *process_conf(void)
{
	put_file("script",
		 "#!/bin/sh\necho '{\"cniVersion\":\"1.1.0\",\"ips\":[{"
		 "\"address\":\"10.9.0.2/24\",\"gateway\":\"10.9.0.1\"}]}'\n",
		 0755);
	return "{\"cniVersion\":\"1.1.0\",\"name\":\"pods\","
	       "\"isGateway\":true,\"ipam\":{\"type\":\"script\"}}";
}

static void bridge_with_a_process(void)
{
	sweep_all(&plugin_bridge, process_conf);
}

static const char *link_conf(void)
{
	return "{\"cniVersion\":\"1.1.0\",\"name\":\"pods\","
	       "\"bridge\":\"br0\",\"mtu\":1400,\"portIsolation\":true}";
}

static void bridge_without_ipam(void)
{
	sweep_all(&plugin_bridge, link_conf);
}

static const char *loopback_conf(void)
{
	return "{\"cniVersion\":\"1.1.0\",\"name\":\"lo\"}";
}

static void loopback(void)
{
	sweep_all(&plugin_loopback, loopback_conf);
}

TAP_MAIN(TEST(host_local), TEST(host_local_old_range), TEST(bridge),
	 TEST(bridge_with_a_process), TEST(bridge_without_ipam), TEST(loopback))
