/* Libraries that are loaded on first use: a command needs those that it uses and no others, and says which one it misses. A library is taken
 * away by an empty file of its name in a folder that the dynamic linker looks into first. */
import { strict as assert } from "node:assert";
import { SpawnSyncReturns } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, before, describe, test } from "node:test";
import { run_binary, use_server } from "./server";

const CURL = ["libcurl-gnutls.so.4", "libcurl.so.4"];
const ALL = [...CURL, "libmicrohttpd.so.12", "libpq.so.5", "libsqlite3.so.0", "libsystemd.so.0"];

let folder: string;
before(() => {
	folder = fs.mkdtempSync(path.join(os.tmpdir(), "versioner-libraries-"));
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

function run_without(files: string[], args: string[], more_env: Record<string, string> = {}): SpawnSyncReturns<string> {
	const away = fs.mkdtempSync(path.join(folder, "away-"));
	for (const name of files) fs.writeFileSync(path.join(away, name), "");
	const env = { HOME: folder, LD_LIBRARY_PATH: away, VERSIONER_DB: path.join(away, "versioner.db"), ...more_env };
	return run_binary(args, { env, cwd: away });
}

test("version and help need none of them", () => {
	for (const args of [["version"], ["--help"], ["serve", "--help"]]) {
		const ended = run_without(ALL, args);
		assert.equal(ended.status, 0, ended.stderr);
		assert.match(ended.stdout, /versioner/);
	}
});

test("a command on a file needs SQLite alone", () => {
	const others = ALL.filter((name) => name !== "libsqlite3.so.0");
	const ended = run_without(others, ["migrate"]);
	assert.equal(ended.status, 0, ended.stderr);
});

const MISSED: [string, string[], string, string[]][] = [
	["SQLite", ["libsqlite3.so.0"], "libsqlite3-0", ["migrate"]],
	["libpq", ["libpq.so.5"], "libpq5", ["migrate", "--db", "postgresql://nobody@127.0.0.1:1/nothing"]],
	["libmicrohttpd", ["libmicrohttpd.so.12"], "libmicrohttpd12", ["serve", "--listen", "127.0.0.1:0"]],
	["libcurl", CURL, "libcurl3-gnutls", ["serve", "--listen", "127.0.0.1:0"]],
];
for (const [name, files, package_name, args] of MISSED)
	test(`${args[0]} without ${name} says what is missing, and ends`, () => {
		const ended = run_without(files, args);
		assert.equal(ended.signal, null);
		assert.notEqual(ended.status, 0);
		const sentence = `${files[0]} cannot be loaded: `, package_hint = `(package ${package_name})`;
		assert.ok(ended.stderr.includes(sentence) && ended.stderr.includes(package_hint), ended.stderr);
	});

describe("a pipeline's machine", () => {
	const server = use_server();
	const track = (without: string[]): SpawnSyncReturns<string> =>
		run_without(without, ["track", "deployment", "--product", "p", "--environment", "e", "--version", "1"], {
			VERSIONER_API_KEY: server.key,
			VERSIONER_API_URL: server.url,
		});

	test("track needs libcurl alone", () => {
		const ended = track(ALL.filter((name) => !CURL.includes(name)));
		assert.equal(ended.status, 0, ended.stderr);
	});

	test("track without libcurl says what is missing, and ends", () => {
		const ended = track(CURL);
		assert.equal(ended.status, 1, ended.stderr);
		assert.match(ended.stderr, /libcurl-gnutls\.so\.4 cannot be loaded: .*\(package libcurl3-gnutls\)/);
	});
});
