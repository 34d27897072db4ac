/* Where a test's store is: a file of SQLite, or a schema of its own in the PostgreSQL cluster that VERSIONER_TEST_DB names. */
import { spawnSync } from "node:child_process";
import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import * as path from "node:path";

const CLUSTER = process.env.VERSIONER_TEST_DB;
export const ON_POSTGRESQL = CLUSTER !== undefined && CLUSTER !== "";
/* For tests that look into a file, or damage it. */
export const NO_FILE: string | false = ON_POSTGRESQL ? "the store is not a file" : false;

function psql(sql: string): void {
	const result = spawnSync("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", CLUSTER!, "-c", sql], { encoding: "utf8", env: { ...process.env, PGOPTIONS: "-c client_min_messages=warning" } });
	assert.equal(result.status, 0, result.stderr);
}

function schema_of(dir: string): string {
	return "e2e_" + createHash("sha1").update(path.resolve(dir)).digest("hex").slice(0, 16);
}

/* The same folder gives the same store. */
export function make_store(dir: string): string {
	if (!ON_POSTGRESQL) return path.join(dir, "versioner.db");
	const schema = schema_of(dir);
	psql(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
	return `${CLUSTER}${CLUSTER!.includes("?") ? "&" : "?"}options=-csearch_path%3D${schema}`;
}

export function remove_store(dir: string): void {
	if (ON_POSTGRESQL) psql(`DROP SCHEMA IF EXISTS ${schema_of(dir)} CASCADE`);
}
