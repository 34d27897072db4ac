/** The steps of the time slider: whole hours of the last thirty days, and now. */

const HOUR = 3_600_000;
export const STEPS = 30 * 24;

const lastHour = (now: number) => Math.floor(now / HOUR) * HOUR;

/** Step 0 is now (""), -1 the last whole hour, and so on. */
export function timeOf(step: number, now: number): string {
	return step >= 0 ? "" : new Date(lastHour(now) + (Math.max(step, -STEPS) + 1) * HOUR).toISOString();
}

export function stepOf(at: string, now: number): number {
	const time = Date.parse(at);
	if (!at || Number.isNaN(time)) return 0;
	return Math.max(-STEPS, Math.min(-1, Math.round((time - lastHour(now)) / HOUR) - 1));
}
