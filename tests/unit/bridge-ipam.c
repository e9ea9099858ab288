// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bridge-ipam.c - bridge and its IPAM plugin: what is there when it is asked,
 * and what becomes of its word
 *
 * unit: plugins/bridge
 */
#include "bridge-ipam.h"

/* A process may use the link, as DHCP's does: it gets it whole. */
static void a_process_is_asked_when_the_link_can_be_used(void)
{
	static const char *const types[] = { "static", "host-local",
					     "process" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		ipam_host();
		unlink(path_of(types[i]));
		unlink(path_of("port"));
		put_file(types[i],
			 "#!/bin/sh\n"
			 "ip -o link show type veth master br0 |"
			 " grep -q 'master br0' && echo >\"${0%/*}/port\"\n"
			 "sed 's/.*\"ipam\":{\\(.*\\)}}/{\\1}/'\n",
			 0755);
		EQ_INT(run("ADD", ipam_conf("", types[i], V6)), 0);
		OK(access(path_of("port"), F_OK) == 0);
		unlink(path_of(types[i]));
	}
}

static const struct cni_step ipam_del_steps[] = { { "release", ipam_del },
						  { 0 } };

static int refuse(const struct cni_call *call, struct cni_result *res,
		  struct undo *undo, struct cni_err *err)
{
	(void)call;
	(void)res;
	(void)undo;
	return cni_fail(err, 123, 0, "no address today");
}

/* Whenever it was asked: it is its error that is the ADD's. */
static void the_error_of_ipam_is_told(void)
{
	static const struct cni_plugin plain = { .name = "static",
						 .add = refuse,
						 .flags = CNI_IPAM,
						 .del = ipam_del_steps };
	static const struct cni_plugin link = { .name = "by-link",
						.add = refuse,
						.flags = CNI_IPAM,
						.del = ipam_del_steps };
	static const struct cni_plugin *const all[] = { &plugin_bridge, &plain,
							&link, NULL };

	for (size_t i = 1; i < 3; i++) {
		ipam_host();
		EQ_INT(run_with(all, &plugin_bridge, "ADD",
				ipam_conf("", all[i]->name, V6)),
		       1);
		OK(strstr(out, "\"code\": 123,"));
		OK(strstr(out, "\"msg\": \"no address today\""));
	}
}

static int keep(const struct cni_call *call, struct cni_err *err)
{
	(void)call;
	return cni_fail(err, 123, 0, "the address stays");
}

static const struct cni_step keep_steps[] = { { "keep", keep }, { 0 } };

/* The rules are no matter of the address. */
static void del_goes_on_where_ipam_fails(void)
{
	static const struct cni_plugin plain = { .name = "static",
						 .add = ipam_add,
						 .flags = CNI_IPAM,
						 .del = keep_steps };
	static const struct cni_plugin *const all[] = { &plugin_bridge, &plain,
							NULL };
	const char *c = ipam_conf("\"ipMasq\":true,\"macspoofchk\":true,",
				  "static", V6);

	ipam_host();
	EQ_INT(run_with(all, &plugin_bridge, "ADD", c), 0);
	EQ_INT(run_with(all, &plugin_bridge, "DEL", c), 1);
	OK(strstr(out, "the address stays"));
	seen[0] = '\0';
	look("then");
	EQ_STR(seen, "then:;");
}

/* Also where it is started with its configuration, which is long. */
static void ipam_is_asked_once(void)
{
	static const char *const types[] = { "static", "process" };
	static char conf[2048 + 5000];

	for (size_t i = 0; i < 2 * ARRAY_SIZE(types); i++) {
		const char *type = types[i / 2];
		const char *c = ipam_conf("", type, V6);
		char buf[64];
		int fd;

		ipam_host();
		unlink(path_of(type));
		unlink(path_of("asked"));
		put_file(type,
			 "#!/bin/sh\n"
			 "echo $CNI_COMMAND >>\"${0%/*}/asked\"\n"
			 "sed 's/.*\"ipam\":{\\(.*\\)}}/{\\1}/'\n",
			 0755);
		snprintf(conf, sizeof(conf), "{\"pad\":\"%0*d\",%s",
			 i % 2 ? 5000 : 1, 0, c + 1);
		EQ_INT(run("ADD", conf), 0);
		fd = open(path_of("asked"), O_RDONLY | O_CLOEXEC);
		read_back(fd, buf, sizeof(buf));
		EQ_STR(buf, "ADD\n");
		unlink(path_of(type));
	}
}

TAP_MAIN(TEST(a_process_is_asked_when_the_link_can_be_used),
	 TEST(the_error_of_ipam_is_told), TEST(del_goes_on_where_ipam_fails),
	 TEST(ipam_is_asked_once))
