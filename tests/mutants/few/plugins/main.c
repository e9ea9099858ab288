// SPDX-License-Identifier: GPL-2.0-or-later
int few_count(int n);
int main(void)
{
	return few_count(3);
}
