// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * probe.c - asks and serves one word, in an image that has nothing else: linked
 * statically, without looking up names
 *
 *   probe serve PROTOCOL PORT WORD    answers each who asks, on all addresses
 *   probe ask PROTOCOL ADDRESS PORT   prints the answer; fails after 2 seconds
 *
 * PROTOCOL is tcp, udp or sctp.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_socket(const char *protocol, int family)
{
	int type = strcmp(protocol, "udp") == 0 ? SOCK_DGRAM : SOCK_STREAM;
	int number = strcmp(protocol, "sctp") == 0 ? IPPROTO_SCTP : 0;
	int fd = socket(family, type, number);

	if (fd < 0)
		die("socket");
	return fd;
}

static void serve(const char *protocol, const char *port, const char *word)
{
	struct sockaddr_in6 here = { .sin6_family = AF_INET6,
				     .sin6_port = htons((uint16_t)atoi(port)) };
	int fd = open_socket(protocol, AF_INET6);
	bool datagrams = strcmp(protocol, "udp") == 0;
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&here, sizeof(here)) < 0)
		die("bind");
	if (!datagrams && listen(fd, 64) < 0)
		die("listen");
	for (;;) {
		struct sockaddr_storage peer;
		socklen_t len = sizeof(peer);
		char byte;

		if (datagrams) {
			if (recvfrom(fd, &byte, 1, 0, (struct sockaddr *)&peer,
				     &len) >= 0)
				sendto(fd, word, strlen(word), 0,
				       (struct sockaddr *)&peer, len);
		} else {
			int to = accept(fd, NULL, NULL);

			if (to >= 0 && write(to, word, strlen(word)) >= 0)
				shutdown(to, SHUT_WR);
			if (to >= 0)
				close(to);
		}
	}
}

static void ask(const char *protocol, const char *address, const char *port)
{
	const struct timeval limit = { 2, 0 };
	struct sockaddr_in v4 = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)atoi(port)) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
				   .sin6_port = v4.sin_port };
	bool is_v4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1;
	char word[256];
	ssize_t n;
	int fd;

	if (!is_v4 && inet_pton(AF_INET6, address, &v6.sin6_addr) != 1)
		die(address);
	fd = open_socket(protocol, is_v4 ? AF_INET : AF_INET6);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (connect(fd, is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6,
		    is_v4 ? sizeof(v4) : sizeof(v6)) < 0)
		die("connect");
	if (strcmp(protocol, "udp") == 0 && write(fd, "?", 1) < 0)
		die("write");
	n = read(fd, word, sizeof(word));
	if (n < 0)
		die("read");
	printf("%.*s\n", (int)n, word);
}

int main(int argc, char *argv[])
{
	if (argc != 5)
		return 2;
	if (strcmp(argv[1], "serve") == 0)
		serve(argv[2], argv[3], argv[4]);
	ask(argv[2], argv[3], argv[4]);
	return 0;
}
