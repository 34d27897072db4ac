/** Actors as the audit log and keys name them: "user:ada@example.com", "api_key:k1", "versioner". */
export const PREFIX_USER = "user:";
export const PREFIX_KEY = "api_key:";

/** As people read it. */
export function actorWords(actor: string): string {
	if (actor.startsWith(PREFIX_USER)) return actor.slice(PREFIX_USER.length);
	if (actor.startsWith(PREFIX_KEY)) return `API key ${actor.slice(PREFIX_KEY.length)}`;
	return actor;
}

/** What was typed into the filter as the API takes it: an address is a user, "k1" a key. Several stand by commas. */
export function actorFilter(typed: string): string {
	const one = (text: string) => {
		const wanted = text.trim();
		if (/^k[0-9]+$/i.test(wanted)) return PREFIX_KEY + wanted.toLowerCase();
		return wanted.includes("@") && !wanted.includes(":") ? PREFIX_USER + wanted.toLowerCase() : wanted;
	};
	return typed.split(",").map(one).filter(Boolean).join(",");
}
