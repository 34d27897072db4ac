/** A channel's config while it is being written: what is stored and secret stays until it is changed. */
import { fieldsOf, type ConfigField } from "./channels_fields";

export interface HeaderDraft {
	/** Tells the lines apart while their names change. */
	key: number;
	name: string;
	value: string;
	/** The stored value stays. */
	kept: boolean;
}

export interface FieldDraft {
	/** Of what is stored and secret: whether it stays, or goes. What is not secret is given. */
	state: "kept" | "given" | "removed";
	/** Of everything but headers. */
	text: string;
	headers: readonly HeaderDraft[];
}

export type ConfigDraft = Readonly<Record<string, FieldDraft>>;
export type Config = Readonly<Record<string, unknown>>;

/** What the server shows instead of a header's value, and takes as that value. */
const MASK = "****";
let lastKey = 0;

export function newHeader(): HeaderDraft {
	return { key: ++lastKey, name: "", value: "", kept: false };
}

function headersOf(stored: unknown): HeaderDraft[] {
	const names = stored && typeof stored === "object" ? Object.keys(stored) : [];
	return names.map((name) => ({ key: ++lastKey, name, value: "", kept: true }));
}

function fieldDraft({ kind }: ConfigField, stored: unknown): FieldDraft {
	const isSecret = kind === "url" || kind === "secret";
	if (isSecret) return { state: typeof stored === "string" ? "kept" : "given", text: "", headers: [] };
	const text = Array.isArray(stored) ? stored.join("\n") : typeof stored === "string" ? stored : "";
	return { state: "given", text, headers: kind === "headers" ? headersOf(stored) : [] };
}

/** `stored`: null for a new channel. */
export function draftOf(type: string, stored: Config | null): ConfigDraft {
	return Object.fromEntries(fieldsOf(type).map((field) => [field.name, fieldDraft(field, stored?.[field.name])]));
}

function addresses(text: string): string[] {
	return text.split(/[\s,;]+/).filter(Boolean);
}

/** Two lines with one name cannot be told to the server: an object has each name once. */
export function headerTrouble(headers: readonly HeaderDraft[]): string | null {
	const names = headers.filter(({ name, value }) => name.trim() || value).map(({ name }) => name.trim().toLowerCase());
	if (names.includes("")) return "A header needs a name.";
	const twice = names.find((name, at) => names.indexOf(name) !== at);
	return twice === undefined ? null : `${twice}: this header is given twice.`;
}

function headerValues(headers: readonly HeaderDraft[]): Record<string, string> | null {
	const given = headers.filter(({ name }) => name.trim());
	return given.length ? Object.fromEntries(given.map(({ name, value, kept }) => [name.trim(), kept ? MASK : value])) : null;
}

const VALUES: Record<ConfigField["kind"], (draft: FieldDraft) => unknown> = {
	url: ({ text }) => text.trim() || null,
	secret: ({ text }) => text.trim() || null,
	text: ({ text }) => text.trim() || null,
	addresses: ({ text }) => addresses(text),
	headers: ({ headers }) => headerValues(headers),
};

/** What is to be sent: the members that differ from what is stored. */
export function configOf(type: string, draft: ConfigDraft, stored: Config | null): Record<string, unknown> {
	const changed: Record<string, unknown> = {};
	for (const field of fieldsOf(type)) {
		const one = draft[field.name];
		if (!one || one.state === "kept") continue;
		const value = one.state === "removed" ? null : VALUES[field.kind](one);
		if (JSON.stringify(value) !== JSON.stringify(stored?.[field.name] ?? null)) changed[field.name] = value;
	}
	return changed;
}
