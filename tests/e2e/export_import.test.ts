/* versioner export and import: everything moves, an interrupted import goes on, and nothing of a damaged file is taken. */
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, before, describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { at_second, deploy, event_of, get_ok, list_all, send } from "./api";
import { BINARY, refused_start, run_binary, Server, sleep, unique, use_server, with_server } from "./server";

const NDJSON = { "content-type": "application/x-ndjson" };
const LISTS = ["/products/", "/environments/", "/versions/", "/deployments/", "/builds/", "/events/", "/notification-channels/", "/notification-preferences/"];

/* Events of every kind and outcome, with everything that they may bring along. */
async function fill(server: Server): Promise<void> {
	const channel = await server.post("/notification-channels/", { name: unique("hook"), channel_type: "webhook", config: { url: "http://127.0.0.1:9/hook" } });
	assert.equal(channel.status, 201, channel.text);
	const preference = await server.post("/notification-preferences/", { channel_id: channel.json.id, event_type: "deployment.completed" });
	assert.equal(preference.status, 201, preference.text);
	for (const environment_name of ["dev", "staging", "production"]) {
		for (const [i, outcome] of ["success", "failed", "aborted", "started", "pending"].entries()) {
			const common = { product_name: `shop "${i}" \u2028é😀`, environment_name, version: `1.${i}`, invoke_id: `run-${i}` };
			await deploy(server, { ...common, status: "started", started_at: at_second(i), extra_metadata: { team: "a\\b\n", deep: [[{}]], n: 1e300 } });
			await deploy(server, { ...common, status: outcome, scm_sha: "a".repeat(40), deployed_by: "Zoë", error_message: outcome === "failed" ? "line 1\nline 2" : undefined });
			assert.equal((await send(server, "build", { product_name: common.product_name, version: `1.${i}`, status: outcome })).status, 200);
		}
	}
	await send(server, "deployment", { product_name: "kept" }, { headers: { "Idempotency-Key": "move-me" } });
	const gone = await deploy(server, { product_name: "deleted", environment_name: "gone" });
	assert.equal((await server.request("DELETE", `/products/${gone.product_id}`)).status, 204);
	assert.equal(server.run("admin", "create-key", "--scope", "read").status, 0);
}

/* What people see of a store. */
async function everything(server: Server): Promise<Record<string, unknown>> {
	const shown: Record<string, unknown> = { matrix: await get_ok(server, "/environment-state/"), keys: server.run("admin", "list-keys").stdout };
	for (const list of LISTS) shown[list] = await list_all(server, list);
	shown["/notification-history/"] = (await list_all(server, "/notification-history/")).map((n: any) => n.id);
	return shown;
}

function without_last_use(shown: Record<string, unknown>): Record<string, unknown> {
	return { ...shown, keys: String(shown.keys).replace(/ used +\S+ +/g, " ") };
}

const rows = (text: string): string[] => text.split("\n").slice(1, -2);

interface Folder {
	dir: string;
	file(name: string): string;
}

function use_folder(): Folder {
	const folder: Folder = { dir: "", file: (name) => path.join(folder.dir, name) };
	before(() => (folder.dir = fs.mkdtempSync(path.join(os.tmpdir(), "versioner-move-"))));
	after(() => fs.rmSync(folder.dir, { recursive: true, force: true }));
	return folder;
}

const import_into = (db: string, file: string) => run_binary(["import", "--db", db, file]);

describe("export and import", () => {
	const server = use_server({ args: ["--allow-private-destinations"] });
	const folder = use_folder();

	test("a store moves whole, while its server runs", async () => {
		await fill(server);
		const file = folder.file("all.ndjson"), db = folder.file("moved.db");
		const shown = without_last_use(await everything(server));
		const exported = server.run("export", file);
		assert.equal(exported.status, 0, exported.stderr);
		assert.match(exported.stdout, /\d+ rows, \d+ bytes exported/);
		assert.equal(fs.statSync(file).mode & 0o777, 0o600);
		assert.ok(!fs.existsSync(`${file}.partial`));
		const imported = import_into(db, file);
		assert.equal(imported.status, 0, imported.stdout + imported.stderr);
		assert.match(imported.stdout, /no problems/);
		const other = new Server({ db, key: server.key, args: ["--allow-private-destinations"] });
		await other.start();
		try {
			assert.deepEqual(without_last_use(await everything(other)), shown);
			const again = await send(other, "deployment", { product_name: "kept" }, { headers: { "Idempotency-Key": "move-me" } });
			assert.ok(again.status === 422 || again.headers["idempotency-replayed"], "the key's first answer is there");
			await deploy(other, { product_name: "kept", version: "2.0.0" });
			other.assert_check_is_green();
		} finally {
			await other.close();
		}
	});

	test("under load it is one picture: check is green on it", async () => {
		let writing = true;
		const product = unique("load");
		const writers = Array.from({ length: 8 }, async (_, w) => {
			for (let i = 0; writing; i++) await send(server, "deployment", { product_name: product, version: `${w}.${i}`, status: i % 2 ? "success" : "started", invoke_id: `${w}.${i >> 1}` });
		});
		await sleep(200);
		const result: { status: number | null } = await new Promise((done) => {
			const child = spawn(BINARY, ["export", "--db", server.db, folder.file("load.ndjson")], { stdio: "ignore" });
			child.on("close", (status) => done({ status }));
		});
		writing = false;
		await Promise.all(writers);
		assert.equal(result.status, 0);
		const imported = import_into(folder.file("load.db"), folder.file("load.ndjson"));
		assert.equal(imported.status, 0, imported.stdout + imported.stderr);
	});

	test("an export of the import is the same rows, through pipes too", async () => {
		const first = folder.file("first.ndjson"), db = folder.file("piped.db");
		assert.equal(server.run("export", first).status, 0);
		const imported = await run_with_input(["import", "--db", db, "-"], fs.readFileSync(first));
		assert.equal(imported.status, 0, imported.said);
		const again = spawnSync("sh", ["-c", `"$1" export --db "$2" > "$3"`, "sh", BINARY, db, folder.file("second.ndjson")], { encoding: "utf8" });
		assert.match(again.stderr, /rows, .* exported to standard output/);
		assert.deepEqual(rows(fs.readFileSync(folder.file("second.ndjson"), "utf8")), rows(fs.readFileSync(first, "utf8")));
	});

	test("a file or store that is there is not written over", () => {
		const there = folder.file("there");
		fs.writeFileSync(there, "precious");
		const exported = server.run("export", there);
		assert.equal(exported.status, 1);
		assert.match(exported.stderr, /exists/);
		assert.equal(fs.readFileSync(there, "utf8"), "precious");
		assert.equal(server.run("export", folder.file("again.ndjson")).status, 0);
		const imported = server.run("import", folder.file("again.ndjson"));
		assert.equal(imported.status, 1);
		assert.match(imported.stderr, /in use/);
	});

	test("wrong usage and missing files", () => {
		for (const command of ["export", "import"]) assert.equal(server.run(command, "a", "b").status, 2, command);
		assert.match(server.run("import", "/nonexistent/x").stderr, /nonexistent/);
		assert.match(server.run("export", "/nonexistent/x").stderr, /nonexistent/);
		assert.equal(run_binary(["export", "--db", "/nonexistent/x.db"]).status, 1);
		for (const command of ["export", "import"]) assert.match(run_binary([command, "--help"]).stdout, /--db/);
	});
});

async function run_with_input(args: string[], input: string | Buffer): Promise<{ status: number | null; said: string }> {
	const child = spawn(BINARY, args, { stdio: ["pipe", "pipe", "pipe"] });
	let said = "";
	for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
	child.stdin.on("error", () => undefined);
	child.stdin.end(input);
	return new Promise((done) => child.on("close", (status) => done({ status, said })));
}

const POSTGRESQL = process.env.VERSIONER_TEST_DB;
const NO_POSTGRESQL = !POSTGRESQL ? "VERSIONER_TEST_DB is not set" : spawnSync("psql", ["--version"]).status === 0 ? false : "the program psql is not installed";

describe("from one engine to the other", { skip: NO_POSTGRESQL }, () => {
	const folder = use_folder();
	const schema = `move_${process.pid}`;
	const psql = (sql: string) => assert.equal(spawnSync("psql", [POSTGRESQL!, "-qc", sql]).status, 0, sql);

	before(() => psql(`CREATE SCHEMA ${schema}`));
	after(() => psql(`DROP SCHEMA ${schema} CASCADE`));

	test("SQLite to PostgreSQL and back: the same rows, and check is green", async () => {
		const url = `${POSTGRESQL}${POSTGRESQL!.includes("?") ? "&" : "?"}options=-csearch_path%3D${schema}`;
		const seed = new Server({ dir: folder.dir, db: folder.file("seed.db") });
		await seed.start();
		for (const status of ["started", "success", "failed"]) await deploy(seed, { product_name: "moved é😀", status, extra_metadata: { text: "\u2028" } });
		await seed.stop();
		const files = ["1", "2", "3"].map((name) => folder.file(`${name}.ndjson`));
		const steps = [["export", "--db", seed.db, files[0]], ["import", "--db", url, files[0]], ["export", "--db", url, files[1]],
			["import", "--db", folder.file("back.db"), files[1]], ["export", "--db", folder.file("back.db"), files[2]], ["check", "--db", url]];
		for (const step of steps) {
			const result = run_binary(step);
			assert.equal(result.status, 0, `${step[0]}: ${result.stdout}${result.stderr}`);
		}
		const [first, ...others] = files.map((file) => rows(fs.readFileSync(file, "utf8")));
		for (const other of others) assert.deepEqual(other, first);
	});
});

describe("an import that is interrupted", () => {
	const folder = use_folder();
	let bytes: Buffer;

	before(async () => {
		await with_server({}, async (server) => {
			const lines = Array.from({ length: 6000 }, (_, i) => JSON.stringify({ kind: "deployment", ...event_of("deployment", { product_name: `p${i % 40}`, version: `${i >> 3}` }) }));
			assert.equal((await server.post("/events/bulk", lines.join("\n") + "\n", { headers: NDJSON })).status, 200);
			assert.equal(server.run("export", folder.file("big.ndjson")).status, 0);
		});
		bytes = fs.readFileSync(folder.file("big.ndjson"));
	});

	/* kill -9 when it has stored at least a batch and waits for more of its pipe. */
	async function killed_import(db: string): Promise<void> {
		const child = spawn(BINARY, ["import", "--db", db, "-"], { stdio: ["pipe", "ignore", "inherit"] });
		const closed = new Promise((done) => child.on("close", done));
		child.stdin.on("error", () => undefined);
		child.stdin.write(bytes.subarray(0, Math.floor(bytes.length * 0.6)));
		for (const deadline = Date.now() + 20_000; !/not come to its end/.test(run_binary(["check", "--db", db]).stderr); await sleep(20)) assert.ok(Date.now() < deadline, "no batch was stored");
		child.kill("SIGKILL");
		await closed;
	}

	test("no command but import opens the store, and import goes on", async () => {
		const db = folder.file("killed.db");
		await killed_import(db);
		for (const args of [["export"], ["check"], ["admin", "list-keys"], ["migrate"]]) {
			const result = run_binary([...args, "--db", db]);
			assert.notEqual(result.status, 0, args.join(" "));
			assert.match(result.stderr, /versioner import/, args.join(" "));
		}
		const server = new Server({ db });
		assert.match(refused_start(server).said, /versioner import/);
		fs.rmSync(server.dir, { recursive: true, force: true });
		const resumed = import_into(db, folder.file("big.ndjson"));
		assert.equal(resumed.status, 0, resumed.stdout + resumed.stderr);
		assert.match(resumed.stdout, /of them before it was interrupted/);
		assert.match(resumed.stdout, /6000 events.*no problems/);
		assert.deepEqual(rows_of(db), rows(bytes.toString("utf8")));
	});

	/* The rows that an export of the store writes: without the first line and the last. */
	function rows_of(db: string): string[] {
		const file = folder.file(unique("rows"));
		assert.equal(run_binary(["export", "--db", db, file]).status, 0);
		return rows(fs.readFileSync(file, "utf8"));
	}

	test("with another file it does not go on", async () => {
		const db = folder.file("other.db");
		await killed_import(db);
		const lines = bytes.toString("utf8").split("\n");
		lines[3] = lines[3].replace(/"created_at":1/, '"created_at":2');
		fs.writeFileSync(folder.file("other.ndjson"), sealed(lines));
		const result = import_into(db, folder.file("other.ndjson"));
		assert.equal(result.status, 1);
		assert.match(result.stderr, /another file/);
	});

	test("killed again and again at any time it still comes to its end", async () => {
		const db = folder.file("often.db");
		for (let round = 0; round < 8; round++) {
			const child = spawn(BINARY, ["import", "--db", db, folder.file("big.ndjson")], { stdio: "ignore" });
			const closed = new Promise((done) => child.on("close", done));
			await sleep(10 + round * 15);
			child.kill("SIGKILL");
			await closed;
		}
		const last = import_into(db, folder.file("big.ndjson"));
		if (last.status !== 0) assert.match(last.stderr, /in use/); /* an earlier round had come to the end */
		assert.equal(run_binary(["check", "--db", db]).status, 0);
		assert.deepEqual(rows_of(db), rows(bytes.toString("utf8")));
	});
});

/* The lines with a digest that is right: what somebody would make who wants to do harm. Node has BLAKE2b with 512 bits only, so the digest
 * comes from python3. */
function sealed(lines: string[]): string {
	const body = lines.slice(0, -2).map((line) => line + "\n").join("");
	const trailer = JSON.parse(lines[lines.length - 2]);
	const sum = blake2b_256(Buffer.from(body, "utf8"));
	return `${body}${JSON.stringify({ ...trailer, digest: sum })}\n`;
}

function blake2b_256(bytes: Buffer): string {
	const done = spawnSync("python3", ["-c", "import hashlib,sys; print(hashlib.blake2b(sys.stdin.buffer.read(), digest_size=32).hexdigest(), end='')"], { input: bytes });
	assert.equal(done.status, 0, String(done.stderr));
	return String(done.stdout);
}

describe("a file that is not what was exported", () => {
	const server = use_server();
	const folder = use_folder();
	let lines: string[];

	before(async () => {
		for (let i = 0; i < 5; i++) await deploy(server, { product_name: unique("damage") });
		lines = server.run("export").stdout.split("\n");
	});

	/* Refused with that sentence, as a file and through a pipe, and the store can still be used. */
	async function assert_refused(text: string | Buffer, sentence: RegExp): Promise<void> {
		const name = createHash("sha256").update(text).digest("hex").slice(0, 12);
		fs.writeFileSync(folder.file(name), text);
		for (const result of [import_into(folder.file(`${name}.db`), folder.file(name)), await run_with_input(["import", "--db", folder.file(`${name}.pipe.db`), "-"], String(text))]) {
			assert.equal(result.status, 1);
			assert.match("said" in result ? result.said : result.stderr, sentence);
		}
		const good = folder.file("good.ndjson");
		if (!fs.existsSync(good)) fs.writeFileSync(good, lines.join("\n"));
		assert.equal(import_into(folder.file(`${name}.db`), good).status, 0);
	}

	test("cut", () => assert_refused(lines.slice(0, -3).join("\n") + "\n", /cut off/));
	test("cut inside of a line", () => assert_refused(lines.join("\n").slice(0, -100), /cut off/));
	test("a changed byte", () => assert_refused(lines.join("\n").replace("damage-", "demage-"), /digest differs/));
	test("a line less", () => assert_refused([...lines.slice(0, 6), ...lines.slice(7)].join("\n"), /were written/));
	test("more behind it", () => assert_refused(lines.join("\n") + lines[1] + "\n", /behind the last line/));
	test("of a newer schema", () => assert_refused(sealed([lines[0].replace(/"schema":\d+/, '"schema":9999'), ...lines.slice(1)]), /line 1: .*newer program/));
	test("of another format", () => assert_refused(sealed([lines[0].replace('"format":1', '"format":2'), ...lines.slice(1)]), /line 1: .*format/));
	test("with a table of somebody else", () => assert_refused(sealed([lines[0], lines[1].replace('"t":"account"', '"t":"sqlite_schema"'), ...lines.slice(2)]), /line 2: .*unknown table/));
	test("with a column of somebody else", () => assert_refused(sealed([lines[0], lines[1].replace('"slug"', '"snail"'), ...lines.slice(2)]), /line 2: .*column/));
	test("with another type", () => assert_refused(sealed([lines[0], lines[1].replace(/"id":\d+/, '"id":"x"'), ...lines.slice(2)]), /line 2: .*integer/));
	test("that is something else", () => assert_refused("CREATE TABLE x;\n", /line 1: not the beginning of an export/));
	test("that is empty", () => assert_refused("", /cut off/));

	test("older, without a column that came later", () => {
		fs.writeFileSync(folder.file("older"), sealed([lines[0].replace(/"schema":\d+/, '"schema":1'), lines[1].replace(/,"notification_revision":\d+/, ""), ...lines.slice(2)]));
		const result = import_into(folder.file("older.db"), folder.file("older"));
		assert.equal(result.status, 0, result.stderr);
	});
});
