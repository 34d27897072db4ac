/* The sqlite3 program beside a running or stopped server: for damage, locks and looks inside. */
import { spawn, spawnSync } from "node:child_process";
import { strict as assert } from "node:assert";
import { NO_FILE } from "./engine";

export const HAS_SQLITE = spawnSync("sqlite3", ["--version"]).status === 0;
export const NO_SQLITE = NO_FILE || (HAS_SQLITE ? false : "the program sqlite3 is not installed");

export function sqlite(db: string, sql: string): string {
	const result = spawnSync("sqlite3", ["-cmd", ".timeout 5000", db, sql], { encoding: "utf8" });
	assert.equal(result.status, 0, result.stderr);
	return result.stdout.trim();
}

/* Holds the write lock until the returned function is called. */
export async function lock_for_writing(db: string): Promise<() => Promise<void>> {
	const child = spawn("sqlite3", ["-cmd", ".timeout 5000", db], { stdio: ["pipe", "pipe", "inherit"] });
	const closed = new Promise<void>((done) => child.on("close", () => done()));
	child.stdin.write("BEGIN IMMEDIATE;\nSELECT 'locked';\n");
	await new Promise<void>((resolve, reject) => {
		child.stdout.on("data", (text: Buffer) => text.includes("locked") && resolve());
		child.on("close", () => reject(new Error("the lock could not be had")));
	});
	return async () => {
		child.stdin.end("ROLLBACK;\n.quit\n");
		await closed;
	};
}
