/** What this browser remembers. Storage may be forbidden or full: then nothing is remembered, and nothing breaks. */
const PREFIX = "versioner.";

export function remember(name: string, value: unknown): void {
	try {
		if (value === null || value === undefined) localStorage.removeItem(PREFIX + name);
		else localStorage.setItem(PREFIX + name, typeof value === "string" ? value : JSON.stringify(value));
	} catch {
		// See above.
	}
}

export function recallText(name: string): string | null {
	try {
		return localStorage.getItem(PREFIX + name);
	} catch {
		return null;
	}
}

/** What was remembered as an object; anything else is taken as absent. */
export function recallObject(name: string): Record<string, unknown> | null {
	try {
		const value: unknown = JSON.parse(recallText(name) ?? "null");
		return value && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
	} catch {
		return null;
	}
}
