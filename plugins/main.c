// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - the executable of one plugin, or of all of them. It is compiled
 * for each executable, with the plugins in it:
 *
 *   -DCNIC_PLUGINS='PLUGIN(bridge) PLUGIN(host_local)'
 *
 * where PLUGIN(x) stands for plugin_x, defined in the folder of that name.
 */
#include "cni/cni.h"

#define PLUGIN(name) extern const struct cni_plugin plugin_##name;
CNIC_PLUGINS
#undef PLUGIN

#define PLUGIN(name) &plugin_##name,
static const struct cni_plugin *const plugins[] = { CNIC_PLUGINS NULL };

int main(int argc, char *argv[])
{
	return cni_main(plugins, argc, argv);
}
