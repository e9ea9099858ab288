// SPDX-License-Identifier: GPL-2.0-or-later
/* firewalld.c - a firewalld that lets no mapped port pass */
#include "firewalld.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/auto.h"
#include "base/fs.h"
#include "fw/portmap.h"

#define CONF "/etc/firewalld/firewalld.conf"
#define CONF_MAX (1u << 20)
#define KEY "StrictForwardPorts"

/* The value of KEY = VALUE, cut where it ends; NULL for another line. */
static char *value_of(char *line)
{
	char *end;

	line += strspn(line, " \t");
	if (strncmp(line, KEY, strlen(KEY)) != 0)
		return NULL;
	line += strlen(KEY);
	line += strspn(line, " \t");
	if (*line++ != '=')
		return NULL;
	line += strspn(line, " \t");
	end = line + strlen(line);
	while (end > line && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return line;
}

static bool is_strict(char *text)
{
	bool strict = false;
	char *line;

	while ((line = strsep(&text, "\n")) != NULL) {
		const char *value = value_of(line);

		if (value)
			strict = strcasecmp(value, "yes") == 0 ||
				 strcasecmp(value, "true") == 0;
	}
	return strict;
}

int firewalld_refuse(struct cni_err *err)
{
	AUTO(str) char *text = NULL;
	AUTO(fw) struct fw *fw = NULL;
	size_t len;
	int r;

	/* what cannot be read is nobody's wish */
	if (fs_read_at(AT_FDCWD, CONF, CONF_MAX, &text, &len) < 0 ||
	    !is_strict(text))
		return 0;
	r = fw_open(&fw);
	if (r == 0)
		r = fw_firewalld_is_here(fw);
	if (r < 0)
		return fw_fail(err, fw, r, "look for firewalld's table");
	if (r == 0)
		return 0;
	cni_fail(err, CNI_EUNSUPPORTED, 0,
		 "firewalld drops mapped ports: " KEY " is on");
	cni_detail(err, "say " KEY "=no in " CONF
			" and reload firewalld, or forward "
			"the ports by firewall-cmd --add-forward-port");
	return -1;
}
