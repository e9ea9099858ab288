// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * oom.c - a whole call with its Nth allocation failing, for every N: one
 * error JSON, what was done is undone, and no crash
 */
#include "call.h"

#include "cni/delegate.h"
#include "cni/undo.h"
#include "failing-malloc.h"
#include "scratch.h"

static int depth; /* of what add() did */

static int undo_add(void *arg, struct cni_err *err)
{
	(void)arg;
	(void)err;
	depth--;
	return 0;
}

static int oom(struct cni_err *err)
{
	return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
}

/* a chained plugin that asks a delegate, and says what it did */
static int add(const struct cni_call *call, struct cni_result *res,
	       struct undo *undo, struct cni_err *err)
{
	__attribute__((cleanup(result_auto))) struct cni_result ipam = { 0 };
	static const char *const known[] = { "MAC", NULL };
	AUTO(str) char *mac = NULL;
	struct cni_interface *ifc;

	if (cni_args_get(call->args, known, "MAC", &mac, err) < 0)
		return -1;
	depth++;
	undo_push(undo, "undo", undo_add, NULL, NULL);
	if (cni_result_append(res, &call->conf.prev) < 0)
		return oom(err);
	ifc = cni_add_interface(res);
	if (!ifc || !(ifc->name = strdup(call->att.ifname)))
		return oom(err);
	if (cni_delegate(call, call->conf.ipam_type, "ADD", &ipam, err) < 0)
		return -1;
	if (cni_result_append(res, &ipam) < 0 ||
	    cni_dns_copy(&res->dns, &call->conf.dns) < 0)
		return oom(err);
	return cni_routes_parse(call->conf.ipam, res, err);
}

static int gc(const struct cni_call *call, struct cni_err *err)
{
	(void)err;
	OK(call->has_valid && call->n_valid == 2);
	return 0;
}

static const struct cni_plugin fake = { .name = "fake",
					.add = add,
					.gc = STEP(gc) };

#define CONF                                                                   \
	"{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"type\":\"fake\","          \
	"\"ipam\":{\"type\":\"ipam\",\"routes\":[{\"dst\":\"::/0\"}]},"        \
	"\"dns\":{\"domain\":\"d\",\"search\":[\"s\",\"t\"]},\"prevResult\":{" \
	"\"interfaces\":[{\"name\":\"a\",\"mac\":\"m\"}],\"dns\":{"            \
	"\"nameservers\":[\"n\"]},\"ips\":[{\"address\":\"10.0.0.9/8\"}]},"    \
	"\"cni.dev/valid-attachments\":[{\"containerID\":\"a\","               \
	"\"ifname\":\"b\"},{\"containerID\":\"c\",\"ifname\":\"d\"}]}"

#define OLD_CONF                                                                \
	"{\"cniVersion\":\"0.2.0\",\"name\":\"n\",\"ipam\":{\"type\":\"ipam\"," \
	"\"routes\":[{\"dst\":\"10.1.0.0/16\",\"gw\":\"10.0.0.1\"}]},"          \
	"\"prevResult\":{\"ip4\":{\"ip\":\"10.0.0.9/8\",\"gateway\":"           \
	"\"10.0.0.1\",\"routes\":[{\"dst\":\"10.2.0.0/16\"}]},"                 \
	"\"dns\":{\"domain\":\"d\",\"search\":[\"s\"]}}}"

/* Calls the plugin; reads what it printed and returns its exit status. */
static int run(char *const *env, const char *conf, char *out, size_t size)
{
	struct cni_io io = { .env = env,
			     .in = file_with(conf, strlen(conf)),
			     .out = file_with("", 0),
			     .err = file_with("", 0) };
	int r = cni_run(&fake, &io);

	fail_at = 0;
	close(io.in);
	close(io.err);
	read_back(io.out, out, size);
	return r;
}

/*
 * Every allocation of this call fails once; returns how many there were.
 * left is the depth after a success.
 */
static long sweep(char *const *env, const char *conf, const char *success,
		  int left)
{
	static char out[1 << 16];
	int files = open_files();

	for (long n = 1; n < 10000; n++) {
		int r;

		fail_at = n;
		count = 0;
		r = run(env, conf, out, sizeof(out));
		EQ_INT(open_files(), files);
		if (count < n) {
			EQ_INT(r, 0);
			EQ_STR(out, success);
			return n - 1;
		}
		/* what can do without, may */
		if (r == 0)
			EQ_STR(out, success);
		else if (!is_error_json(out))
			OK(printf("# allocation %ld: \"%s\"\n", n, out) < 0);
		EQ_INT(depth, r == 0 ? left : 0);
		depth = 0;
	}
	OK(!"no end");
	return 0;
}

static void add_of(const char *conf, const char *ipam)
{
	static char good[1 << 16];
	char path[128];
	const char *const env[] = { "CNI_COMMAND=ADD",	  "CNI_CONTAINERID=c1",
				    "CNI_NETNS=/none",	  "CNI_IFNAME=eth0",
				    "CNI_ARGS=MAC=m",	  path,
				    "PATH=/usr/bin:/bin", NULL };
	char body[512];

	snprintf(path, sizeof(path), "CNI_PATH=/none:%s", scratch);
	snprintf(body, sizeof(body), "#!/bin/sh\necho '%s'\n", ipam);
	put_file("ipam", body, 0755);
	depth = 0;
	EQ_INT(run((char *const *)env, conf, good, sizeof(good)), 0);
	OK(strstr(good, "10.0.0.9/8"));
	depth = 0;
	OK(sweep((char *const *)env, conf, good, 1) > 100);
	depth = 0;
}

static void add_survives_every_failure(void)
{
	add_of(CONF, "{\"ips\":[{\"address\":\"10.0.0.2/8\"}],"
		     "\"dns\":{\"nameservers\":[\"x\"]}}");
}

static void an_old_add_survives_every_failure(void)
{
	add_of(OLD_CONF, "{\"ip6\":{\"ip\":\"fd00::2/64\",\"routes\":["
			 "{\"dst\":\"::/0\",\"gw\":\"fd00::1\"}]}}");
}

static void a_failing_delegate_survives(void)
{
	static char out[1 << 16];
	char path[128];
	const char *const env[] = { "CNI_COMMAND=ADD",
				    "CNI_CONTAINERID=c1",
				    "CNI_NETNS=/none",
				    "CNI_IFNAME=eth0",
				    path,
				    "PATH=/usr/bin:/bin",
				    NULL };

	snprintf(path, sizeof(path), "CNI_PATH=%s", scratch);
	put_file("ipam",
		 "#!/bin/sh\necho '{\"code\":77,\"msg\":\"m\"}'\nexit 1\n",
		 0755);
	for (long n = 1; n < 10000; n++) {
		fail_at = n;
		count = 0;
		EQ_INT(run((char *const *)env, CONF, out, sizeof(out)), 1);
		OK(is_error_json(out));
		EQ_INT(depth, 0);
		if (count < n)
			return;
	}
	OK(!"no end");
}

static void gc_survives_every_failure(void)
{
	char *const *env = ENV("CNI_COMMAND=GC", "CNI_PATH=/none");

	OK(sweep(env, CONF, "", 0) > 20);
}

static void version_survives_every_failure(void)
{
	static char good[4096];
	char *const *env = ENV("CNI_COMMAND=VERSION");

	EQ_INT(run(env, "", good, sizeof(good)), 0);
	OK(sweep(env, "", good, 0) > 0);
}

static void an_error_survives_every_failure(void)
{
	static char out[1 << 16];
	char *const *env = ENV("CNI_COMMAND=ADD", SANDBOX);

	for (long n = 1; n < 10000; n++) {
		fail_at = n;
		count = 0;
		EQ_INT(run(env, "{\"name\":\"n\",\"cniVersion\":\"9\"}", out,
			   sizeof(out)),
		       1);
		OK(is_error_json(out));
		if (count < n)
			return;
	}
	OK(!"no end");
}

TAP_MAIN(TEST(add_survives_every_failure),
	 TEST(an_old_add_survives_every_failure),
	 TEST(a_failing_delegate_survives), TEST(gc_survives_every_failure),
	 TEST(version_survives_every_failure),
	 TEST(an_error_survives_every_failure))
