# cnic: the CNI plugins in C. `make help` lists the targets.
#
# Knobs: O (build folder), CC, CFLAGS, LDFLAGS, V=1 (show commands), WERROR=1,
# HARDEN=0, SAN=address,undefined, DBUS=0 (no firewalld), STATIC=1, DESTDIR, BINDIR.

VERSION := $(shell cat VERSION)
O       ?= build
CC      ?= cc
AR      ?= ar
CFLAGS  ?= $(if $(filter 1,$(STATIC)),-Os,-O2) -g
HARDEN  ?= 1
DESTDIR ?=
BINDIR  ?= /opt/cni/bin
PKG_CONFIG ?= pkg-config

# A plugin is one line here; its sources are the .c files in its folder. It
# may be linked with others, to which it then delegates without a process.
PLUGINS         := bridge firewall host-local loopback macvlan portmap ptp static tuning
bridge_USES     := attach fw route cni base
bridge_WITH     := host-local static
firewall_USES   := attach fw route cni base
host-local_USES := cni base
loopback_USES   := attach route cni base
macvlan_USES    := attach route cni base
macvlan_WITH    := host-local static
portmap_USES    := attach fw route cni base
ptp_USES        := attach fw route cni base
ptp_WITH        := host-local static
static_USES     := cni base
tuning_USES     := attach route cni base

# The archives, each before those it uses, and the libraries each may use. The
# linker keeps the layers apart: host-local has no netlink library to call by
# mistake.
LIBS       := attach cni fw route base
base_PKGS  := libcjson
cni_PKGS   := libcjson
route_PKGS := libnl-3.0
fw_PKGS    := libnftnl libmnl

include mk/build.mk
include mk/test.mk
include mk/bench.mk
include mk/package.mk
include mk/dist.mk
include mk/fuzz.mk
include mk/valgrind.mk
include mk/mutants.mk
include mk/lint.mk
include mk/help.mk
