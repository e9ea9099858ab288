// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
int few_max(int a, int b);
int few_count(int n);
const char *few_name(int n);
int main(void)
{
	int bad = few_max(1, 2) != 2 || few_max(2, 1) != 2;

	puts("1..2");
	few_name(1);
	few_name(0);
	printf("%sok 1 - the larger one\n", bad ? "not " : "");
	printf("ok 2 - it counts to %d\n", few_count(3));
	return bad;
}
