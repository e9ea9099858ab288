// SPDX-License-Identifier: GPL-2.0-or-later

// cri - what a kubelet asks of containerd, from the command line: the few
// crictl commands that these tests need, with crictl's own arguments, so that
// CRICTL=/path/to/crictl can stand in for it.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

const usage = `usage: cri -r ENDPOINT COMMAND
  version                       print the runtime's name and versions
  status                        print the runtime's conditions as JSON
  images                        print the images as JSON
  runp POD.json                 run a pod, print its ID
  create ID CTR.json POD.json   create a container in a pod, print its ID
  start ID                      start a container
  exec -s ID COMMAND ...        run a command in a container and wait
  inspectp ID                   print a pod's status as JSON
  pods                          print the pods as JSON
  stopp ID                      stop a pod
  rmp ID                        remove a pod`

// client is one connection to the runtime.
type client struct {
	rt  cri.RuntimeServiceClient
	img cri.ImageServiceClient
}

// command is one row of the table below: how many arguments it takes (at
// least, where more is true), and what it does with them.
type command struct {
	args int
	more bool
	run  func(context.Context, *client, []string) error
}

var commands = map[string]command{
	"version":  {0, false, version},
	"status":   {0, false, status},
	"images":   {0, false, images},
	"runp":     {1, false, runPod},
	"create":   {3, false, create},
	"start":    {1, false, start},
	"exec":     {3, true, execSync},
	"inspectp": {1, false, inspectPod},
	"pods":     {0, false, pods},
	"stopp":    {1, false, stopPod},
	"rmp":      {1, false, removePod},
}

func readJSON(path string, into any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func printJSON(v any, err error) error {
	if err != nil {
		return err
	}
	e := json.NewEncoder(os.Stdout)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func version(ctx context.Context, c *client, _ []string) error {
	v, err := c.rt.Version(ctx, &cri.VersionRequest{})
	return printJSON(v, err)
}

func status(ctx context.Context, c *client, _ []string) error {
	s, err := c.rt.Status(ctx, &cri.StatusRequest{})
	return printJSON(s, err)
}

func images(ctx context.Context, c *client, _ []string) error {
	l, err := c.img.ListImages(ctx, &cri.ListImagesRequest{})
	return printJSON(l, err)
}

func runPod(ctx context.Context, c *client, args []string) error {
	var pod cri.PodSandboxConfig
	if err := readJSON(args[0], &pod); err != nil {
		return err
	}
	r, err := c.rt.RunPodSandbox(ctx, &cri.RunPodSandboxRequest{Config: &pod})
	if err != nil {
		return err
	}
	fmt.Println(r.PodSandboxId)
	return nil
}

func create(ctx context.Context, c *client, args []string) error {
	var ctr cri.ContainerConfig
	var pod cri.PodSandboxConfig
	if err := readJSON(args[1], &ctr); err != nil {
		return err
	}
	if err := readJSON(args[2], &pod); err != nil {
		return err
	}
	r, err := c.rt.CreateContainer(ctx, &cri.CreateContainerRequest{
		PodSandboxId: args[0], Config: &ctr, SandboxConfig: &pod})
	if err != nil {
		return err
	}
	fmt.Println(r.ContainerId)
	return nil
}

func start(ctx context.Context, c *client, args []string) error {
	_, err := c.rt.StartContainer(ctx,
		&cri.StartContainerRequest{ContainerId: args[0]})
	return err
}

func execSync(ctx context.Context, c *client, args []string) error {
	if args[0] != "-s" {
		return fmt.Errorf("exec: only -s, without a terminal")
	}
	r, err := c.rt.ExecSync(ctx, &cri.ExecSyncRequest{
		ContainerId: args[1], Cmd: args[2:], Timeout: 30})
	if err != nil {
		return err
	}
	os.Stdout.Write(r.Stdout)
	os.Stderr.Write(r.Stderr)
	if r.ExitCode != 0 {
		return fmt.Errorf("exec: exit status %d", r.ExitCode)
	}
	return nil
}

func inspectPod(ctx context.Context, c *client, args []string) error {
	s, err := c.rt.PodSandboxStatus(ctx, &cri.PodSandboxStatusRequest{
		PodSandboxId: args[0], Verbose: true})
	return printJSON(s, err)
}

func pods(ctx context.Context, c *client, _ []string) error {
	l, err := c.rt.ListPodSandbox(ctx, &cri.ListPodSandboxRequest{})
	return printJSON(l, err)
}

func stopPod(ctx context.Context, c *client, args []string) error {
	_, err := c.rt.StopPodSandbox(ctx,
		&cri.StopPodSandboxRequest{PodSandboxId: args[0]})
	return err
}

func removePod(ctx context.Context, c *client, args []string) error {
	_, err := c.rt.RemovePodSandbox(ctx,
		&cri.RemovePodSandboxRequest{PodSandboxId: args[0]})
	return err
}

func run(argv []string) error {
	if len(argv) < 3 || argv[0] != "-r" {
		return fmt.Errorf("%s", usage)
	}
	cmd, ok := commands[argv[2]]
	args := argv[3:]
	if !ok || len(args) < cmd.args || (len(args) > cmd.args && !cmd.more) {
		return fmt.Errorf("%s", usage)
	}
	conn, err := grpc.NewClient(argv[1],
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return cmd.run(ctx, &client{cri.NewRuntimeServiceClient(conn),
		cri.NewImageServiceClient(conn)}, args)
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
