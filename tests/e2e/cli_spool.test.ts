/* The spool: what could not be sent is kept, whole, private, in order, and sent once; whatever happens in between. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { events_of, get_ok, UUID7 } from "./api";
import { Front, Home, Ran, RECORDED, SENT, use_front, with_home } from "./cli";
import { Server, sleep, unique, use_server } from "./server";

const AWAY = ["--deadline", "100ms"]; /* one attempt */

describe("the spool", () => {
	const server = use_server();
	const front = use_front(server);

	function run(home: Home, args: string[], env: Record<string, string | undefined> = {}): Promise<Ran> {
		return home.run(args, { env: { VERSIONER_API_KEY: server.key, VERSIONER_API_URL: front.url, ...env } });
	}
	const track = (home: Home, product: string, version: string, ...more: string[]): Promise<Ran> =>
		run(home, ["track", "deployment", "--product", product, "--environment", "production", "--version", version, ...more]);
	const flush = (home: Home, ...more: string[]): Promise<Ran> => run(home, ["flush", ...more]);

	/* Events of these versions, kept because the server was away. */
	async function keep(home: Home, product: string, versions: string[]): Promise<void> {
		front.usual = "reset";
		for (const version of versions) {
			front.script();
			const ran = await track(home, product, version, "--spool", ...AWAY);
			assert.equal(ran.status, 0, ran.said);
			assert.match(ran.err, /Warning: the event is kept for later: .*\n.*The next versioner track, or versioner flush, sends it\./s);
			assert.equal(ran.out, "");
		}
		front.usual = "pass";
		front.script();
	}

	test("an event that cannot be sent is kept: one file, private, with the time when it happened and without the key", () =>
		with_home(async (home) => {
			const before = Date.now(), product = unique("p");
			await keep(home, product, ["1"]);
			assert.equal(home.kept().length, 1);
			assert.match(home.kept()[0], new RegExp(UUID7.source.replace("$", "\\.json$")));
			const file = path.join(home.spool, home.kept()[0]);
			assert.equal(fs.statSync(file).mode & 0o777, 0o600);
			assert.equal(fs.statSync(home.spool).mode & 0o777, 0o700);
			const text = fs.readFileSync(file, "utf8"), kept = JSON.parse(text);
			assert.deepEqual(Object.keys(kept), ["api_url", "path", "idempotency_key", "body"]);
			const body = JSON.parse(kept.body);
			assert.ok(Math.abs(Date.parse(body.occurred_at) - before) < 5_000);
			assert.ok(!text.includes(server.key) && !text.includes(server.key.split("_").pop()!));
			const ran = await flush(home);
			assert.equal(ran.out, "✓ 1 kept event sent\n");
			assert.equal(front.seen[0].headers["idempotency-key"], kept.idempotency_key);
			assert.equal(front.seen[0].body, kept.body, "byte for byte");
			assert.deepEqual(home.kept(), []);
			const [event] = await events_of(server, product);
			assert.equal(Date.parse(event.occurred_at), Date.parse(body.occurred_at));
		}));

	test("XDG_STATE_HOME says where", () =>
		with_home(async (home) => {
			const state = path.join(home.dir, "state");
			front.script("reset");
			await run(home, ["track", "build", "--product", "p", "--version", "1", "--spool", ...AWAY], { XDG_STATE_HOME: state });
			assert.equal(fs.readdirSync(path.join(state, "versioner", "spool")).length, 1);
			assert.deepEqual(home.kept(), []);
		}));

	test("without --spool nothing is kept", () =>
		with_home(async (home) => {
			front.script("reset");
			assert.equal((await track(home, "p", "1", ...AWAY)).status, 1);
			assert.ok(!fs.existsSync(home.spool));
		}));

	test("the next track sends what was kept first, oldest first, then its own", () =>
		with_home(async (home) => {
			const product = unique("p");
			await keep(home, product, ["1", "2", "3"]);
			const ran = await track(home, product, "4");
			assert.match(ran.out, SENT);
			assert.match(ran.err, /3 kept events were sent/);
			assert.deepEqual(front.seen.map((s) => s.json.version), ["1", "2", "3", "4"]);
			const state = await get_ok(server, `/environment-state/?product=${product}`);
			assert.equal((Object.values(state.items[0].cells)[0] as any).version, "4");
		}));

	test("an event whose answer was lost is stored once", () =>
		with_home(async (home) => {
			const product = unique("p");
			front.script("cut");
			assert.equal((await track(home, product, "1", "--spool", ...AWAY)).status, 0);
			front.script();
			assert.equal((await flush(home)).status, 0);
			assert.equal((await events_of(server, product)).length, 1);
		}));

	for (const [status, kept] of [[503, 1], [500, 1], [429, 1], [422, 0], [401, 0], [423, 0]])
		test(`${status} is ${kept ? "kept" : "not kept"}`, () =>
			with_home(async (home) => {
				front.script({ status, body: '{"detail":"x"}' });
				const ran = await track(home, "p", "1", "--spool", ...AWAY);
				assert.equal(home.kept().length, kept, ran.said);
				assert.equal(ran.status === 0, kept === 1);
			}));

	test("a start that waits for the rules is not kept silently", () =>
		with_home(async (home) => {
			front.usual = "reset";
			const ran = await track(home, "p", "1", "--spool", "--status", "started", ...AWAY);
			assert.equal(ran.status, 1, ran.said);
			assert.match(ran.err, /No rule was asked, so the deployment must not begin/);
			assert.deepEqual(home.kept(), []);
			const forgiven = await track(home, "p", "1", "--spool", "--status", "started", "--fail-on-api-error=false", ...AWAY);
			assert.equal(forgiven.status, 0);
			assert.match(forgiven.err, /No rule was asked whether this deployment may begin/);
			assert.equal(home.kept().length, 1);
			assert.equal((await track(home, "p", "1", "--spool", "--status", "started", "--skip-preflight-checks", ...AWAY)).status, 0);
			assert.equal(home.kept().length, 2);
			front.usual = "pass";
		}));

	test("flush with nothing, with a server that is away, with a wrong key, for another server", () =>
		with_home(async (home) => {
			assert.equal((await flush(home)).out, "No events are kept\n");
			await keep(home, unique("p"), ["1", "2"]);
			front.usual = "reset";
			const away = await flush(home, ...AWAY);
			assert.equal(away.status, 1);
			assert.match(away.err, /^Error: .*\n2 events are still kept\n/s);
			front.usual = "pass";
			const wrong = await run(home, ["flush"], { VERSIONER_API_KEY: "sk_default_k1_" + "x".repeat(40) });
			assert.equal(wrong.status, 4);
			assert.match(wrong.err, /credentials/);
			const other = await run(home, ["flush"], { VERSIONER_API_URL: server.url });
			assert.equal(other.status, 0);
			assert.match(other.err, /2 kept events are for other servers/);
			assert.equal(home.kept().length, 2);
		}));

	test("a corrupt file is set aside and named, and the others are sent", () =>
		with_home(async (home) => {
			const product = unique("p");
			await keep(home, product, ["1", "2", "3", "4"]);
			const names = home.kept();
			fs.truncateSync(path.join(home.spool, names[0]), 20);
			fs.writeFileSync(path.join(home.spool, names[2]), '{"api_url":"x"}');
			fs.writeFileSync(path.join(home.spool, "note.txt"), "somebody's own");
			fs.writeFileSync(path.join(home.spool, `${names[1].slice(0, -5)}.part`), "half of one");
			const ran = await flush(home);
			assert.equal(ran.status, 1);
			assert.equal(ran.out, "✓ 2 kept events sent\n");
			for (const name of [names[0], names[2]]) assert.ok(ran.err.includes(`${name}.corrupt`), ran.err);
			assert.deepEqual((await events_of(server, product)).map((e) => e.version).sort(), ["2", "4"]);
			assert.deepEqual(home.kept(), []);
			assert.ok(fs.existsSync(path.join(home.spool, `${names[0]}.corrupt`)) && fs.existsSync(path.join(home.spool, "note.txt")));
			assert.equal((await flush(home)).status, 0, "it is said once");
		}));

	test("a link or a pipe in the folder is not followed, and hangs nothing", () =>
		with_home(async (home) => {
			await keep(home, unique("p"), ["1"]);
			const secret = home.file("secret", '{"api_url":"x"}');
			fs.symlinkSync(secret, path.join(home.spool, "01a2091a-ed98-7001-b40a-b73959ed7e85.json"));
			spawnSync("mkfifo", [path.join(home.spool, "01a2091a-ed98-7001-b40a-b73959ed7e86.json")]);
			const ran = await flush(home);
			assert.match(ran.out, /✓ 1 kept event sent/);
			assert.equal(fs.readFileSync(secret, "utf8"), '{"api_url":"x"}');
		}));

	test("what the server refuses for good is set aside, and the others are sent", () =>
		with_home(async (home) => {
			const product = unique("p");
			await keep(home, product, ["1", "2"]);
			front.script({ status: 422, body: '{"detail":[{"loc":["body","version"],"msg":"no","type":"x"}]}' });
			const ran = await flush(home);
			assert.equal(ran.status, 4);
			assert.match(ran.err, /refused and set aside as .*\.refused: version: no/);
			assert.deepEqual((await events_of(server, product)).map((e) => e.version), ["2"]);
		}));

	test("two processes at once send each event once, in order", () =>
		with_home(async (home) => {
			const product = unique("p"), versions = Array.from({ length: 12 }, (_, i) => String(i));
			await keep(home, product, versions);
			const [a, b, own] = await Promise.all([flush(home), flush(home), track(home, product, "own")]);
			assert.deepEqual([a.status, b.status, own.status], [0, 0, 0], a.said + b.said + own.said);
			assert.deepEqual(front.seen.map((s) => s.json.version).filter((v) => v !== "own"), versions);
			assert.deepEqual(home.kept(), []);
			assert.equal((await events_of(server, product)).length, 13);
		}));

	test("two processes at once keep each their own", () =>
		with_home(async (home) => {
			front.usual = "reset";
			front.script();
			await Promise.all(Array.from({ length: 8 }, (_, i) => track(home, "p", String(i), "--spool", ...AWAY)));
			front.usual = "pass";
			const kept = home.kept().map((name) => JSON.parse(JSON.parse(fs.readFileSync(path.join(home.spool, name), "utf8")).body).version);
			assert.deepEqual(kept.sort(), ["0", "1", "2", "3", "4", "5", "6", "7"]);
		}));

	test("kill -9 while sending: nothing is lost, nothing is stored twice", () =>
		with_home(async (home) => {
			const product = unique("p"), versions = Array.from({ length: 10 }, (_, i) => String(i));
			await keep(home, product, versions);
			for (const at of [1, 3, 4]) {
				/* The server stores it, and the sender dies before it hears so. */
				const slow = new SlowFront(server, at);
				await slow.start();
				for (const name of home.kept()) move(path.join(home.spool, name), slow.url);
				const ran = await home.run(["flush"], {
					env: { VERSIONER_API_KEY: server.key, VERSIONER_API_URL: slow.url },
					started: (child) => slow.on_stored(() => child.kill("SIGKILL")),
				});
				assert.equal(ran.signal, "SIGKILL");
				await slow.stop();
			}
			for (const name of home.kept()) move(path.join(home.spool, name), front.url);
			const last = await flush(home);
			assert.equal(last.status, 0, last.said);
			assert.deepEqual(home.kept(), []);
			assert.deepEqual((await events_of(server, product)).map((e) => e.version).reverse(), versions);
		}));

	test("kill -9 while keeping: each file is whole or not there", () =>
		with_home(async (home) => {
			const many = JSON.stringify({ pad: "x".repeat(90_000) });
			front.usual = "reset";
			for (let round = 0; round < 25; round++) {
				front.script();
				await home.run(["track", "build", "--product", "p", "--version", String(round), "--spool", "--extra-metadata", many, ...AWAY], {
					env: { VERSIONER_API_KEY: server.key, VERSIONER_API_URL: front.url },
					started: (child) => void sleep(4 + round / 2).then(() => child.kill("SIGKILL")),
				});
			}
			front.usual = "pass";
			for (const name of home.kept()) JSON.parse(JSON.parse(fs.readFileSync(path.join(home.spool, name), "utf8")).body);
			assert.equal((await flush(home)).status, 0);
			assert.deepEqual(home.kept(), []);
		}));

	test("a full disk: said, and nothing half-written stays", { skip: why_no_tmpfs() }, () =>
		with_home(async (home) => {
			const state = path.join(home.dir, "small");
			fs.mkdirSync(state);
			assert.equal(spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", state]).status, 0);
			try {
				const many = JSON.stringify({ pad: "x".repeat(90_000) });
				front.script("reset", "reset");
				const env = { XDG_STATE_HOME: state };
				const args = ["track", "build", "--product", "p", "--version", "1", "--spool", ...AWAY];
				const ran = await run(home, [...args, "--extra-metadata", many], env);
				assert.equal(ran.status, 1, ran.said);
				assert.match(ran.err, /the event cannot be kept: No space left on device/);
				assert.deepEqual(fs.readdirSync(path.join(state, "versioner", "spool")), []);
				assert.equal((await run(home, args, env)).status, 0, "a small one has room");
				front.script(RECORDED);
				assert.equal((await run(home, ["flush"], env)).out, "✓ 1 kept event sent\n");
			} finally {
				spawnSync("umount", ["-l", state]);
			}
		}));

	test("a place that cannot be written is said, and the event has failed", () =>
		with_home(async (home) => {
			home.file(".local", "a file where a folder should be");
			front.script("reset");
			const ran = await track(home, "p", "1", "--spool", ...AWAY);
			assert.equal(ran.status, 1);
			assert.match(ran.err, /Warning: the folder .*\.local.* cannot be made/);
			front.script("reset");
			const homeless = await run(home, ["track", "build", "--product", "p", "--version", "1", "--spool", ...AWAY], { HOME: undefined });
			assert.equal(homeless.status, 1);
			assert.match(homeless.err, /XDG_STATE_HOME/);
		}));
});

/* Passes requests on; from the `at`-th on the answer is kept back for ever, once the server has stored the event. */
class SlowFront extends Front {
	private count = 0;
	private stored = (): void => undefined;

	constructor(server: Server, private readonly at: number) {
		super(server);
	}

	on_stored(then: () => void): void {
		this.stored = then;
	}

	protected override async before_answer(): Promise<void> {
		if (++this.count < this.at) return;
		this.stored();
		await new Promise(() => undefined);
	}
}

/* The same event, for another address of the same server. */
function move(file: string, url: string): void {
	const kept = JSON.parse(fs.readFileSync(file, "utf8"));
	fs.writeFileSync(file, JSON.stringify({ ...kept, api_url: url }));
}

/* The reason why this machine cannot run the test, or false. */
function why_no_tmpfs(): string | false {
	if (process.getuid?.() !== 0) return "needs root to mount a small tmpfs";
	const probe = fs.mkdtempSync(path.join(os.tmpdir(), "versioner-mount-"));
	const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", probe]).status === 0;
	if (mounted) spawnSync("umount", [probe]);
	fs.rmdirSync(probe);
	return mounted ? false : "mounting a tmpfs is not allowed here";
}
