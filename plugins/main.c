// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - the executable of a plugin. It is compiled for each one, with the
 * plugin and those that are linked in for it to delegate to:
 *
 *   -DCNIC_PLUGINS='PLUGIN(bridge) PLUGIN(host_local)' -DCNIC_NAME='"bridge"'
 *   -DCNIC_BUILD='"5f1c0a0b9e3d7c11"'
 *
 * where PLUGIN(x) stands for plugin_x, defined in the folder of that name.
 */
#include "cni/cni.h"
#include "cni/note.h"

#define PLUGIN(name) extern const struct cni_plugin plugin_##name;
CNIC_PLUGINS
#undef PLUGIN

#define PLUGIN(name) &plugin_##name,
static const struct cni_plugin *const plugins[] = { CNIC_PLUGINS NULL };

static const struct cni_program program = { CNIC_BUILD, plugins };

/* read from the file, by whoever looks for this plugin */
static const struct cni_note note CNI_NOTE_SECTION =
	CNI_NOTE(CNIC_NAME, CNIC_BUILD);

int main(int argc, char *argv[])
{
	return cni_main(&program, argc, argv);
}
