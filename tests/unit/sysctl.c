// SPDX-License-Identifier: GPL-2.0-or-later
/* sysctl.c - values of /proc/sys */
#include <sys/wait.h>

#include "base/auto.h"
#include "base/sysctl.h"
#include "route-test.h"
#include "route/kinds.h"

static const char *value(const char *name)
{
	static char now[64];

	EQ_INT(sysctl_get(name, now, sizeof(now)), 0);
	return now;
}

static void sysctls_are_of_the_own_namespace(void)
{
	const struct rt_bridge b = { .name = "br.0", .mac = { 2 } };
	AUTO(rt) struct rt *rt = fresh();
	AUTO(fd) int sys = sysctl_open();
	char now[64] = "before";

	EQ_INT(rt_bridge_add(rt, &b), 0);
	EQ_INT(sysctl_set_conf(sys, "ipv6", "br.0", "accept_ra", "0"), 0);
	EQ_STR(value("net/ipv6/conf/br.0/accept_ra"), "0");
	EQ_INT(sysctl_set_conf(sys, "ipv6", "br.0", "accept_ra", "2"), 0);
	EQ_STR(value("net/ipv6/conf/br.0/accept_ra"), "2");
	EQ_INT(sysctl_set_conf(sys, "ipv6", "nope", "accept_ra", "0"), -ENOENT);
	EQ_INT(sysctl_get("net/ipv6/conf/nope/accept_ra", now, sizeof(now)),
	       -ENOENT);
	EQ_STR(now, "before");
	EQ_INT(sysctl_set_conf(-EMFILE, "ipv6", "br.0", "accept_ra", "1"),
	       -EMFILE);
	EQ_INT(sysctl_set("net/ipv4/ip_forward", "x"), -EINVAL);
	EQ_INT(sysctl_get("net/ipv4", now, sizeof(now)), -EISDIR);
}

static void a_sysctl_that_leads_elsewhere_is_refused(void)
{
	char dir[] = "/tmp/cnic-route.XXXXXX", outside[64];

	EQ_INT(unshare(CLONE_NEWNET), 0);
	OK(mkdtemp(dir) != NULL);
	/* a file outside, which is there and could be written */
	sh("echo 7 >%s/trap", dir);
	snprintf(outside, sizeof(outside), "../..%s/trap", dir);
	EQ_INT(sysctl_set(outside, "0"), -EXDEV);
	EQ_INT(sysctl_set(outside + strlen("../.."), "0"), -EXDEV);
	/* a file of another file system in its place */
	sh("test \"$(cat %s/trap)\" = 7 && "
	   "mount --bind %s/trap /proc/sys/net/ipv4/ip_forward",
	   dir, dir);
	EQ_INT(sysctl_set("net/ipv4/ip_forward", "1"), -EXDEV);
	sh("test \"$(cat %s/trap)\" = 7 && umount /proc/sys/net/ipv4/ip_forward",
	   dir);
	/* another folder of procfs in the place of net */
	sh("mount --bind /proc/sys/net/ipv4/conf /proc/sys/net");
	EQ_INT(sysctl_set("net/ipv4/ip_forward", "1"), -EXDEV);
	sh("umount /proc/sys/net");
	/* a net that is none, a whole /proc/sys that is none */
	sh("mkdir -p %s/net/ipv4 && cp %s/trap %s/net/ipv4/ip_forward && "
	   "mount --bind %s/net /proc/sys/net",
	   dir, dir, dir, dir);
	EQ_INT(sysctl_set("net/ipv4/ip_forward", "1"), -EXDEV);
	sh("test \"$(cat %s/net/ipv4/ip_forward)\" = 7 && "
	   "umount /proc/sys/net && mount --bind %s /proc/sys",
	   dir, dir);
	EQ_INT(sysctl_set("net/ipv4/ip_forward", "1"), -EXDEV);
	sh("test \"$(cat %s/net/ipv4/ip_forward)\" = 7 && umount /proc/sys",
	   dir);
	/* a procfs, but not that part of it: it has symbolic links */
	sh("mount --bind /proc /proc/sys");
	EQ_INT(sysctl_set("self/oom_score_adj", "0"), -ELOOP);
	EQ_INT(sysctl_set("self", "0"), -ELOOP);
	sh("umount /proc/sys && rm -r %s", dir);
}

static void a_read_only_value_that_is_right_will_do(void)
{
	EQ_INT(unshare(CLONE_NEWNET), 0);
	EQ_INT(sysctl_set("net/ipv4/ip_forward", "1"), 0);
	sh("mount -o bind,ro /proc/sys /proc/sys");
	EQ_INT(sysctl_set("net/ipv4/ip_forward", "1"), 0);
	EQ_INT(sysctl_set("net/ipv4/ip_forward", "0"), -EROFS);
	EQ_STR(value("net/ipv4/ip_forward"), "1");
	sh("umount /proc/sys");
}

static int write_opened(const char *value)
{
	AUTO(fd) int sys = sysctl_open();

	return sysctl_write(sys, "net/ipv4/ip_forward", value);
}

/* In what sysctl_open() opens, nobody has mounted anything. */
static void what_is_opened_is_the_callers_own(void)
{
	char dir[] = "/tmp/cnic-route.XXXXXX";
	int status = -1;

	EQ_INT(unshare(CLONE_NEWNET), 0);
	OK(mkdtemp(dir) != NULL);
	sh("echo 7 >%s/trap && mount --bind %s/trap "
	   "/proc/sys/net/ipv4/ip_forward && cut -d ' ' -f 3- /proc/self/mountinfo >%s/before",
	   dir, dir, dir);
	EQ_INT(write_opened("1"), 0);
	sh("test \"$(cat %s/trap)\" = 7 && umount /proc/sys/net/ipv4/ip_forward",
	   dir);
	EQ_STR(value("net/ipv4/ip_forward"), "1");
	EQ_INT(write_opened("0"), 0);
	EQ_STR(value("net/ipv4/ip_forward"), "0");
	sh("mount --bind %s/trap /proc/sys/net/ipv4/ip_forward && "
	   "cut -d ' ' -f 3- /proc/self/mountinfo | cmp - %s/before",
	   dir, dir);
	/* who may mount nothing has no own one */
	if (fork() == 0)
		_exit(unshare(CLONE_NEWUSER) != 0 ||
		      write_opened("1") != -EXDEV);
	OK(wait(&status) > 0);
	EQ_INT(status, 0);
	sh("umount /proc/sys/net/ipv4/ip_forward && rm -r %s", dir);
}

static void how_proc_sys_is_mounted_counts(void)
{
	EQ_INT(unshare(CLONE_NEWNET), 0);
	EQ_INT(write_opened("1"), 0);
	sh("mount -o bind,ro /proc/sys /proc/sys");
	EQ_INT(write_opened("1"), 0);
	EQ_INT(write_opened("0"), -EROFS);
	sh("umount /proc/sys && mount --bind /proc/sys/net /proc/sys/net");
	EQ_INT(write_opened("0"), 0);
	EQ_STR(value("net/ipv4/ip_forward"), "0");
	sh("mount --bind /proc/sys/net/ipv4/conf/all/forwarding "
	   "/proc/sys/net/ipv4/ip_forward");
	EQ_INT(write_opened("1"), -EXDEV);
	sh("umount /proc/sys/net/ipv4/ip_forward && umount /proc/sys/net && "
	   "mount -t tmpfs none /proc/sys");
	EQ_INT(write_opened("1"), -EXDEV);
	sh("umount /proc/sys");
	EQ_STR(value("net/ipv4/ip_forward"), "0");
}

TAP_MAIN(TEST(sysctls_are_of_the_own_namespace),
	 TEST(a_sysctl_that_leads_elsewhere_is_refused),
	 TEST(a_read_only_value_that_is_right_will_do),
	 TEST(what_is_opened_is_the_callers_own),
	 TEST(how_proc_sys_is_mounted_counts))
