// Order statistics.

/** The value below which that share of the samples lies. */
export function quantile(samples, share) {
	if (!samples.length) throw new Error("nothing was measured");
	const sorted = [...samples].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export const median = (samples) => quantile(samples, 0.5);
