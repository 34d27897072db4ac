/** What is said of a password while it is typed; the server alone decides. */
export const LEAST = 10;
export const BETTER = 12;
export const MOST = 256;

/** Letters as people count them, and as the server does. */
export function lengthOf(password: string): number {
	return [...password].length;
}

export function passwordHint(password: string): string {
	const length = lengthOf(password);
	if (length === 0) return `At least ${LEAST} characters, of any script; a few words in a row are good.`;
	if (length < LEAST) return length === LEAST - 1 ? "One more character is needed." : `${LEAST - length} more characters are needed.`;
	if (length > MOST) return `${length - MOST} characters too many.`;
	if (new Set([...password]).size === 1) return "One character over and over is no password.";
	return length < BETTER ? `Long enough; ${BETTER} or more are better.` : "A good length.";
}

export function isPossible(password: string): boolean {
	return lengthOf(password) >= LEAST && lengthOf(password) <= MOST;
}
