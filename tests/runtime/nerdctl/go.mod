module cnic.test/nerdctl

go 1.24.3

require github.com/containerd/nerdctl/v2 v2.2.2

replace github.com/containerd/nerdctl/mod/tigron => ./tigron
