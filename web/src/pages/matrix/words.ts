/** What a cell says: to the eye in few words, to a screen reader in a sentence. */
import { fullTime, relativeTime } from "../../kit/time";
import { type Cell, type Trouble, troubleOf } from "./model";

/** Without "ago" where the latest attempt needs the room. `now` goes by minutes: what is newer is no future. */
export function ageOf({ since, latest_attempt: attempt }: Cell, now: number): string {
	if (!since) return "";
	const age = relativeTime(since, Math.max(now, Date.parse(since)));
	return attempt ? age.replace(/ ago$/, "") : age;
}

/** The latest attempt in a word, and the state whose colour and icon it has. */
export function attemptWord(status: string, trouble: Trouble): { state: string; word: string } {
	if (trouble === "stale") return { state: "stale", word: "stale" };
	if (status === "started") return { state: status, word: "running" };
	return { state: status, word: status.replaceAll("_", " ") };
}

/** "checkout, production: 1.4.2, 3 h, failed: latest attempt 1.5.0, 5 min ago". What is seen stands in it as it is: so one can speak of it as one sees it. */
export function cellLabel(product: string, environment: string, cell: Cell | undefined, now: number): string {
	const place = `${product}, ${environment}: `;
	if (!cell) return place + "never deployed";
	const current = [cell.version ?? "no version", ageOf(cell, now)].filter(Boolean).join(", ");
	const attempt = cell.latest_attempt;
	if (!attempt) return place + current;
	const { state, word } = attemptWord(attempt.status, troubleOf(cell, now));
	const how = state === "stale" ? `, ${attempt.status}` : "";
	return `${place}${current}, ${word}: latest attempt ${attempt.version}${how}, ${relativeTime(attempt.at, Math.max(now, Date.parse(attempt.at)))}`;
}

/** What a pointer that rests on a cell is told. */
export function cellTitle(cell: Cell): string {
	const lines = cell.version === null ? [] : [cell.version, cell.since ? `since ${fullTime(cell.since)}` : ""];
	const attempt = cell.latest_attempt;
	if (attempt) lines.push(`latest attempt: ${attempt.version}, ${attempt.status.replaceAll("_", " ")}, ${fullTime(attempt.at)}`);
	return lines.filter(Boolean).join("\n");
}
