/** The size of JSON that somebody sent us. */

/** How many values there are, counted no further than `most`. */
export function countValues(value: unknown, most: number): number {
	if (value === null || typeof value !== "object") return 1;
	let count = 0;
	for (const one of Object.values(value)) {
		count += countValues(one, most - count);
		if (count >= most) break;
	}
	return count;
}
