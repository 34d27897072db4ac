/** What an entry of the audit log has changed, field by field: nested values by their path, and only what differs. */

export interface Change {
	/** "description", "extra_metadata.team". */
	field: string;
	/** undefined: it was not there. */
	was: unknown;
	/** undefined: it is not there any more. */
	is: unknown;
}

export interface Difference {
	changes: Change[];
	/** How many more there are. */
	left: number;
}

type Values = Record<string, unknown>;

const MOST_SHOWN = 60;
/** Deeper than this, a value is shown as a whole. */
const DEEPEST = 5;

function isObject(value: unknown): value is Values {
	return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** JSON that is the same whatever the order of its members. */
function canonical(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
	if (!isObject(value)) return JSON.stringify(value) ?? "";
	return `{${Object.keys(value)
		.sort()
		.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)
		.join()}}`;
}

/** A sender's members may have any name: only those of the object itself count. */
function member(value: unknown, name: string): unknown {
	return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function collect(path: string, was: unknown, is: unknown, depth: number, found: Change[]): void {
	const nested = (isObject(was) || isObject(is)) && (was === undefined || isObject(was)) && (is === undefined || isObject(is));
	const names = nested ? [...new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})])] : [];
	if (!names.length || depth > DEEPEST) {
		if (was === undefined || is === undefined || canonical(was) !== canonical(is)) found.push({ field: path, was, is });
		return;
	}
	for (const name of names) collect(path ? `${path}.${name || "(no name)"}` : name || "(no name)", member(was, name), member(is, name), depth + 1, found);
}

/** `before` is null for something new, `after` for something deleted. */
export function differenceOf(before: Values | null | undefined, after: Values | null | undefined): Difference {
	const found: Change[] = [];
	if (before || after) collect("", before ?? undefined, after ?? undefined, 0, found);
	const changes = found.filter(({ field }) => field !== "");
	return { changes: changes.slice(0, MOST_SHOWN), left: Math.max(0, changes.length - MOST_SHOWN) };
}

/** A value in a line: a text as it is, anything else as JSON. */
export function valueText(value: unknown): string {
	if (typeof value === "string") return value === "" ? "empty text" : value;
	if (value === null || value === undefined) return "nothing";
	if (typeof value === "boolean") return value ? "yes" : "no";
	return JSON.stringify(value);
}
