/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * backup.h - the file that tells what an attachment's values were before
 *
 *   <dataDir>/<container ID>_<interface>.json
 *
 * It has the reference's form: mac, promisc, mtu, allmulti and txQLen, those
 * that were changed. A member "cnic", which the reference passes over, has the
 * attachment (network, containerID, ifname) and the sysctls (sysctl: a file
 * below /proc/sys and its value).
 */
#ifndef TUNING_BACKUP_H
#define TUNING_BACKUP_H

#include "cni/cni.h"
#include "values.h"

/*
 * Reads the attachment's file in dir into ret, which is empty. Returns 1, or 0
 * where there is none, or -1 with code 5. One that makes no sense is there, and
 * tells nothing.
 */
int backup_read(const char *dir, const struct cni_attachment *att,
		struct values *ret, struct cni_err *err);

/*
 * Makes the file, or gives it other content, at once; dir and what is above it
 * too. Returns 0, or -1 with code 5.
 */
int backup_write(const char *dir, const struct cni_attachment *att,
		 const struct values *v, struct cni_err *err);

/* Removes the file. Returns 0, or -1 with code 5; gone is 0. */
int backup_remove(const char *dir, const struct cni_attachment *att,
		  struct cni_err *err);

/*
 * GC: removes the files of the call's network whose attachment is not valid.
 * Those of the reference name no network, and stay. The same.
 */
int backup_collect(const char *dir, const struct cni_call *call,
		   struct cni_err *err);

#endif
