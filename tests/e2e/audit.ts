/* The audit log as the tests ask for it; and its rows beside the server, with the hash that they must have. */
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as path from "node:path";
import { get_ok } from "./api";
import { ON_POSTGRESQL } from "./engine";
import { random_alnum, ROOT, Server } from "./server";
import { HAS_SQLITE, sqlite } from "./sqlite";

export const NO_HASH = "0".repeat(64);

export interface Entry {
	number: number;
	at: string;
	actor: string;
	credential: string;
	action: string;
	subject: { type: string; id: string; name: string | null };
	before: any;
	after: any;
	request_id: string | null;
	hash: string;
	previous_hash: string;
}

/* Those after a number, oldest first. */
export async function entries_after(server: Server, number: number): Promise<Entry[]> {
	const { items } = await get_ok(server, "/audit-log?limit=200");
	return items.filter((entry: Entry) => entry.number > number).reverse();
}

export async function newest_number(server: Server): Promise<number> {
	return (await get_ok(server, "/audit-log?limit=1")).items[0]?.number ?? 0;
}

/* ---- rows ---- */

interface Row {
	t: string;
	r: Record<string, any>;
}

const FIELDS = ["account_id", "number", "at", "actor", "credential", "action", "subject_id", "subject_name", "value_before", "value_after", "request_id"];
const field = (value: unknown): string => (value === null ? "-," : `${Buffer.byteLength(String(value))}:${String(value)},`);

function hash_of(row: Record<string, any>): string {
	return createHash("sha256").update(field(row.previous_hash) + FIELDS.map((name) => field(row[name])).join("")).digest("hex");
}

/* Rows of an export whose entries were changed, with the chain written anew. */
export function rechain(rows: Row[]): Row[] {
	for (const head of rows.filter(({ t }) => t === "audit_head")) {
		let previous = NO_HASH;
		for (const { r } of rows.filter(({ t, r }) => t === "audit_entry" && r.account_id === head.r.account_id).sort((a, b) => a.r.number - b.r.number)) {
			r.previous_hash = previous;
			r.hash = previous = hash_of(r);
		}
		head.r.hash = previous;
	}
	return rows;
}

/* ---- beside the server ---- */

export const NO_SHELL = ON_POSTGRESQL || HAS_SQLITE ? false : "the program sqlite3 is not installed";

/* As somebody with a shell on the database. */
export function beside(server: Server, sql: string): void {
	if (!ON_POSTGRESQL) return void sqlite(server.db, sql);
	const done = spawnSync("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", server.db, "-c", sql], { encoding: "utf8" });
	assert.equal(done.status, 0, done.stderr);
}

export function exported(server: Server): string {
	const file = path.join(server.dir, `audit-${random_alnum(8)}.ndjson`);
	const result = server.run("export", "--db", server.db, file);
	assert.equal(result.status, 0, result.stderr);
	return file;
}

/* The program of docs/design/audit.md over an export. */
export function verify_with_python(file: string): { status: number | null; said: string } {
	const page = fs.readFileSync(path.join(ROOT, "docs/design/audit.md"), "utf8");
	const program = /```python\n([^]*?)```/.exec(page)?.[1];
	assert.ok(program);
	const done = spawnSync("python3", ["-c", program, file], { encoding: "utf8" });
	return { status: done.status, said: done.stdout + done.stderr };
}

/* "57:9a0c…" as check prints it. */
export function head_of(server: Server): string {
	const { stdout } = server.run("check", "--db", server.db);
	const head = /^audit log of default: \d+ entries, head (\d+:[0-9a-f]{64})$/m.exec(stdout)?.[1];
	assert.ok(head, stdout);
	return head;
}
