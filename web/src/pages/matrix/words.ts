/** What a cell says: to the eye in few words, to a screen reader in a sentence. */
import { fullTime } from "../../kit/time";
import { type Cell, type Trouble, troubleOf } from "./model";

const UNITS: [name: string, seconds: number][] = [
	["year", 31_557_600],
	["month", 2_629_800],
	["day", 86_400],
	["hour", 3600],
	["minute", 60],
];

/** "3 hours ago". Hundreds of these are made while one scrolls: Intl would take most of that time. */
export function spokenAge(iso: string, now: number): string {
	const age = (now - Date.parse(iso)) / 1000;
	if (Number.isNaN(age)) return iso;
	const unit = UNITS.find(([, seconds]) => Math.abs(age) >= seconds);
	if (!unit) return "just now";
	const count = Math.trunc(Math.abs(age) / unit[1]);
	const words = `${count} ${unit[0]}${count === 1 ? "" : "s"}`;
	return age < 0 ? `in ${words}` : `${words} ago`;
}

/** The latest attempt in a word, and the state whose colour and icon it has. */
export function attemptWord(status: string, trouble: Trouble): { state: string; word: string } {
	if (trouble === "stale") return { state: "stale", word: "stale" };
	if (status === "started") return { state: status, word: "running" };
	return { state: status, word: status.replaceAll("_", " ") };
}

/** "checkout, production: 1.4.2, 3 hours ago, latest attempt 1.5.0 failed 5 minutes ago". */
export function cellLabel(product: string, environment: string, cell: Cell | undefined, now: number): string {
	const place = `${product}, ${environment}: `;
	if (!cell) return place + "never deployed";
	const current = cell.version === null ? "no version" : `${cell.version}${cell.since ? `, ${spokenAge(cell.since, now)}` : ""}`;
	const attempt = cell.latest_attempt;
	if (!attempt) return place + current;
	const { state, word } = attemptWord(attempt.status, troubleOf(cell, now));
	const how = state === "stale" ? `stale, ${attempt.status}` : word;
	return `${place}${current}, latest attempt ${attempt.version} ${how} ${spokenAge(attempt.at, now)}`;
}

/** What a pointer that rests on a cell is told. */
export function cellTitle(cell: Cell): string {
	const lines = cell.version === null ? [] : [cell.version, cell.since ? `since ${fullTime(cell.since)}` : ""];
	const attempt = cell.latest_attempt;
	if (attempt) lines.push(`latest attempt: ${attempt.version}, ${attempt.status.replaceAll("_", " ")}, ${fullTime(attempt.at)}`);
	return lines.filter(Boolean).join("\n");
}
