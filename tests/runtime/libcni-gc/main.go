// SPDX-License-Identifier: GPL-2.0-or-later

// libcni-gc asks for the garbage collection of a network as a runtime does that
// uses libcni: with each list that it can give.
//
//	libcni-gc FOLDER NETWORK none|nil|empty|ID...
//
// FOLDER has the configurations; the interface of each ID is eth0. none is no
// arguments at all, nil arguments whose list is nil.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/containernetworking/cni/libcni"
	"github.com/containernetworking/cni/pkg/types"
)

func arguments(words []string) *libcni.GCArgs {
	switch words[0] {
	case "none":
		return nil
	case "nil":
		return &libcni.GCArgs{}
	case "empty":
		return &libcni.GCArgs{ValidAttachments: []types.GCAttachment{}}
	}
	args := &libcni.GCArgs{}
	for _, id := range words {
		args.ValidAttachments = append(args.ValidAttachments,
			types.GCAttachment{ContainerID: id, IfName: "eth0"})
	}
	return args
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr,
			"usage: libcni-gc FOLDER NETWORK none|nil|empty|ID...")
		os.Exit(2)
	}
	list, err := libcni.LoadNetworkConf(os.Args[1], os.Args[2])
	if err == nil {
		cni := libcni.NewCNIConfig(
			filepath.SplitList(os.Getenv("CNI_PATH")), nil)
		err = cni.GCNetworkList(context.Background(), list,
			arguments(os.Args[3:]))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
