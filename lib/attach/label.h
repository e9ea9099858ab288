/* SPDX-License-Identifier: GPL-2.0-or-later */
/* label.h - what the alias of a link says */
#ifndef CNI_LABEL_H
#define CNI_LABEL_H

#include "cni/cni.h"

/*
 * Writes the alias of the attachment's link: its owner text, then, where the
 * runtime tells them and they fit, a blank, "<namespace>/<pod>". They are
 * K8S_POD_NAMESPACE and K8S_POD_NAME of CNI_ARGS, else of args.cni.labels the
 * values that kubelet gives to a container, io.kubernetes.pod.namespace and
 * io.kubernetes.pod.name (conventions of CNI, "labels"). Returns alias.
 */
char *label(const struct cni_call *call, char alias[CNI_OWNER_LEN]);

#endif
