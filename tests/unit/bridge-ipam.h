/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bridge-ipam.h - bridge with an IPAM plugin that is the test's own: what it
 * finds when it is called, and what it does meanwhile
 */
#ifndef BRIDGE_IPAM_H
#define BRIDGE_IPAM_H

#include "whole-call.h"

#include "base/netns.h"

extern const struct cni_plugin plugin_bridge;

/* The last address is the one that is waited for. */
#define V6                                                                     \
	"\"ips\":[{\"address\":\"10.9.0.2/24\"},{\"address\":\"fd08::2/64\"}," \
	"{\"address\":\"fd09::2/64\"}]"

static char seen[1024];	     /* what was there at its calls, in their order */
static void (*at_add)(void); /* done at its ADD, where not NULL */

__attribute__((constructor)) static void require_nft(void)
{
	if (system("command -v nft >/dev/null") != 0)
		skip_all("nft");
}

/*
 * Whether there is a link of the host that begins with veth. Asked without a
 * socket, since requests are counted.
 */
static inline bool has_veth(void)
{
	static char list[1 << 16];
	int fd = open("/proc/thread-self/net/dev", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, list, sizeof(list) - 1);

	if (n <= 0 || close(fd) < 0)
		abort();
	list[n] = '\0';
	return strstr(list, " veth") || strstr(list, "\nveth");
}

/* Whether the attachment has anything in nf_tables. */
static inline bool has_rules(void)
{
	FILE *f = popen("exec nft list ruleset", "r");
	char line[512];
	bool has = false;

	if (!f)
		abort();
	while (fgets(line, sizeof(line), f))
		has = has || strstr(line, ":c1:eth0");
	EQ_INT(pclose(f), 0);
	return has;
}

static inline bool succeeds(const char *cmd)
{
	return system(cmd) == 0;
}

/* Notes in seen which ends of the link are there, and whether rules are. */
static inline void look(const char *command)
{
	size_t len = strlen(seen);
	bool veth, eth0, rules;

	fflush(stdout);
	veth = has_veth();
	rules = has_rules();
	enter(sandbox);
	eth0 = if_nametoindex("eth0") != 0;
	enter(host);
	snprintf(seen + len, sizeof(seen) - len, "%s:%s%s%s;", command,
		 veth ? " veth" : "", eth0 ? " eth0" : "",
		 rules ? " rules" : "");
}

static inline int ipam_add(const struct cni_call *call, struct cni_result *res,
			   struct undo *undo, struct cni_err *err)
{
	(void)res;
	(void)undo;
	(void)err;
	look(call->command);
	if (at_add)
		at_add();
	return cni_result_parse(call->conf.ipam, call->conf.version, res, err);
}

static inline int ipam_del(const struct cni_call *call, struct cni_err *err)
{
	(void)err;
	look(call->command);
	return 0;
}

/* one that needs no link, and one that may; bridge knows them by their names */
static const struct cni_plugin ipam_plain = { .name = "static",
					      .add = ipam_add,
					      .flags = CNI_IPAM | CNI_POOL,
					      .del = STEP(ipam_del) };
static const struct cni_plugin ipam_link = { .name = "by-link",
					     .add = ipam_add,
					     .flags = CNI_IPAM,
					     .del = STEP(ipam_del) };
static const struct cni_plugin *const ipam_all[] = { &plugin_bridge,
						     &ipam_plain, &ipam_link,
						     NULL };

/* A bridge network whose IPAM plugin of that type answers with ips and more. */
static inline const char *ipam_conf(const char *keys, const char *type,
				    const char *answer)
{
	static char buf[2048];

	snprintf(buf, sizeof(buf),
		 "{\"cniVersion\":\"1.0.0\",\"name\":\"pods\","
		 "\"bridge\":\"br0\",%s\"ipam\":{\"type\":\"%s\",%s}}",
		 keys, type, answer);
	return buf;
}

/* A new host, with the plugins in the scratch folder and nothing seen. */
static inline void ipam_set_up(void)
{
	set_up();
	install("static");
	install("by-link");
	seen[0] = '\0';
	at_add = NULL;
}

/*
 * And with a link, so that the ends of the first veth have not the same index:
 * then kernels may tell IPv6 of the container's a second later.
 */
static inline void ipam_host(void)
{
	ipam_set_up();
	sh("ip link add other type bridge");
}

static inline int run(const char *verb, const char *conf)
{
	return run_with(ipam_all, &plugin_bridge, verb, conf);
}

/* The same while nobody can be told the result, or the error. */
static inline int run_unheard(const struct cni_plugin *plugin, const char *verb,
			      const char *conf)
{
	const struct cni_program program = { "this", ipam_all };
	struct cni_io io = begin_call(verb, conf);
	AUTO(fd) int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	int memory = io.out;
	int r;

	io.program = &program;
	io.out = full;
	r = cni_run(plugin, &io);
	io.out = memory;
	end_call(&io);
	return r;
}

/* In the sandbox. */
__attribute__((format(printf, 1, 2))) static inline bool inside(const char *fmt,
								...)
{
	char cmd[1024];
	va_list ap;
	bool ok;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	enter(sandbox);
	fflush(stdout);
	ok = succeeds(cmd);
	enter(host);
	return ok;
}

#endif
