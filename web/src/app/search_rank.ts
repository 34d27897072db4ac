/** What the search shows first of what was found, and how it reads what was typed. */

export const MOST_OF_A_KIND = 6;

/** The very name first, then names that begin so, then the others; shorter ones first. */
export function best<T>(items: readonly T[], nameOf: (item: T) => string, text: string): T[] {
	const wanted = text.toLowerCase();
	const rank = (item: T) => {
		const name = nameOf(item).toLowerCase();
		return name === wanted ? 0 : name.startsWith(wanted) ? 1 : 2;
	};
	return [...items].sort((a, b) => rank(a) - rank(b) || nameOf(a).length - nameOf(b).length || nameOf(a).localeCompare(nameOf(b))).slice(0, MOST_OF_A_KIND);
}

/** "my shop 1.4": the part of a product's name and that of a version's; null for a single word. */
export function twoParts(text: string): [product: string, version: string] | null {
	const found = /^(.*\S)\s+(\S+)$/.exec(text);
	return found ? [found[1]!, found[2]!] : null;
}
