// SPDX-License-Identifier: GPL-2.0-or-later
/* few.c - comments > are not looked at */
int few_max(int a, int b)
{
	if (a > b)
		return a;
	return b;
}

int few_count(int n)
{
	int i = 0;

	while (i < n)
		i += 1;
	return i;
}

const char *few_name(int n)
{
	return n ? "one" : "none";
}

int few_unseen(int n)
{
	return n + 7;
}
