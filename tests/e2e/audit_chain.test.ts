/* The audit log's chain: what is done to it beside the program is found, others can verify it, and several writers make one. */
import { before, describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { list_all } from "./api";
import { beside, entries_after, Entry, exported, head_of, newest_number, NO_SHELL, verify_with_python } from "./audit";
import { ON_POSTGRESQL } from "./engine";
import { create_channel, use_world } from "./notifications";
import { until } from "./receivers";
import { random_alnum, run_binary, Server, unique, with_server } from "./server";

async function make_products(server: Server, count: number): Promise<void> {
	for (let i = 0; i < count; i++) assert.equal((await server.post("/products", { name: unique("p"), description: `ü\u2028"${i}` })).status, 201);
}

const COLUMNS = "actor, credential, action, subject_id, subject_name, value_before, value_after, request_id, previous_hash, hash";
const INSERT = `INSERT INTO audit_entry (account_id, number, at, ${COLUMNS}) SELECT account_id,`;
const REWRITE = "UPDATE audit_head SET number = number - 1, hash = (SELECT hash FROM audit_entry WHERE number = audit_head.number - 1); DELETE FROM audit_entry WHERE number > (SELECT number FROM audit_head)";

describe("a log that somebody has changed beside the program", { skip: NO_SHELL }, () => {
	/* n: the number of the newest entry. */
	const DAMAGES: [string, (n: number) => string, (n: number) => string][] = [
		["a change", (n) => `UPDATE audit_entry SET actor = 'api_key:k2' WHERE number = ${n - 2}`, (n) => `entry ${n - 2} is not as it was written`],
		["a deletion", (n) => `DELETE FROM audit_entry WHERE number = ${n - 2}`, (n) => `entry ${n - 2} is missing`],
		["an insertion", (n) => `${INSERT} number + 1, at, ${COLUMNS} FROM audit_entry WHERE number = ${n}`, (n) => `entries after ${n} were not written by this program`],
		["another order", (n) => `UPDATE audit_entry SET number = 0 WHERE number = ${n - 1}; UPDATE audit_entry SET number = ${n - 1} WHERE number = ${n - 2}; UPDATE audit_entry SET number = ${n - 2} WHERE number = 0`, (n) => `entry ${n - 2} does not follow`],
		["an end cut off", (n) => `DELETE FROM audit_entry WHERE number > ${n - 2}`, (n) => `the newest entries, ${n - 1} to ${n}, are missing`],
		["a beginning cut off", () => "UPDATE audit_head SET cut_number = 1, cut_hash = (SELECT hash FROM audit_entry WHERE number = 1); DELETE FROM audit_entry WHERE number = 1", () => "it begins after entry 1, and no entry says"],
	];
	for (const [what, damage, expected] of DAMAGES) {
		test(`${what} is found and named`, async () => {
			await with_server({}, async (server) => {
				await make_products(server, 5);
				const number = await newest_number(server);
				server.assert_check_is_green();
				beside(server, damage(number));
				const { status, stdout } = server.run("check", "--db", server.db);
				assert.equal(status, 1, stdout);
				assert.ok(stdout.includes(`problem: audit log of default: ${expected(number)}`), stdout);
				assert.match(stdout, /: problems found\n$/);
				if (what !== "a beginning cut off") assert.equal(verify_with_python(exported(server)).status, 1);
			});
		});
	}

	test("an end that was cut off with the head is found by a head that was kept", async () => {
		await with_server({}, async (server) => {
			await make_products(server, 3);
			const kept = head_of(server);
			const check = (...more: string[]): ReturnType<typeof server.run> => server.run("check", "--db", server.db, "--audit-head", kept, ...more);
			assert.equal(check().status, 0);
			await make_products(server, 1);
			assert.equal(check().status, 0, "what was added later does no harm");
			beside(server, `${REWRITE}; ${REWRITE}`);
			assert.equal(server.run("check", "--db", server.db).status, 0);
			assert.match(check().stdout, /problem: audit log of default: entry \d+, whose hash was kept, is not there\n/);
			await make_products(server, 2);
			assert.equal(server.run("check", "--db", server.db).status, 0);
			assert.equal(check().status, 1);
			assert.match(check().stdout, /problem: audit log of default: entry \d+ has another hash than the one that was kept/);
			assert.match(check("--account", "nobody").stdout, /the account whose head was kept is not there/);
		});
	});

	test("a head that is none is wrong usage", async () => {
		await with_server({}, async (server) => {
			for (const head of ["1", "x:y", `0:${"a".repeat(64)}`, `1:${"a".repeat(63)}`, `1:${"g".repeat(64)}`]) {
				const { status, stderr } = server.run("check", "--db", server.db, "--audit-head", head);
				assert.equal(status, 2, head);
				assert.match(stderr, /NUMBER:HASH/);
			}
		});
	});
});

describe("an export", () => {
	const world = use_world({ mail: false });
	const { server } = world;
	const secrets: string[] = [];

	before(async () => {
		const secret = (): string => (secrets.push(random_alnum(24)), secrets[secrets.length - 1]);
		await create_channel(server, "webhook", { url: world.receiver.url(`/${secret()}`), secret: secret(), headers: { Authorization: secret(), [`X-${secret()}`]: "1" } });
		await create_channel(server, "slack_bot", { token: `xoxb-${secret()}`, channel: secret() });
		await create_channel(server, "slack_webhook", { webhook_url: world.slack.url(world.slack.hook(secret())) });
		await create_channel(server, "email", { to: [`${secret()}@example.com`] });
		await create_channel(server, "msteams", { webhook_url: world.receiver.url(`/${secret()}`) });
		const channels = (await list_all(server, "/notification-channels/")).map(({ id }) => id);
		for (const id of channels) assert.equal((await server.request("PATCH", `/notification-channels/${id}`, { body: { enabled: false } })).status, 200);
		await make_products(server, 3);
		secrets.push(server.key.split("_")[3]);
	});

	test("is verified by the program in the documentation, which finds the same head", () => {
		const { status, said } = verify_with_python(exported(server));
		assert.equal(said.trim(), `account 1: ${head_of(server)}`);
		assert.equal(status, 0);
	});

	test("holds no secret in an entry, and neither does an answer", async () => {
		const entries = fs.readFileSync(exported(server), "utf8").split("\n").filter((line) => line.startsWith('{"t":"audit_'));
		assert.ok(entries.length > 10);
		const said = entries.join("\n") + (await server.get("/audit-log?limit=200")).text;
		for (const secret of secrets) assert.ok(!said.includes(secret), said);
	});

	test("keeps numbers and hashes in another store, which goes on from there", async () => {
		const other = new Server({ key: server.key, bootstrap: false });
		const file = exported(server), before_it = await entries_after(server, 0);
		const imported = other.run("import", "--db", other.db, file);
		assert.equal(imported.status, 0, imported.stdout + imported.stderr);
		assert.ok(imported.stdout.includes(`head ${head_of(server)}`), imported.stdout);
		await other.start();
		try {
			assert.deepEqual(await entries_after(other, 0), before_it);
			await make_products(other, 1);
			assert.equal(await newest_number(other), before_it[before_it.length - 1].number + 1);
			other.assert_check_is_green();
		} finally {
			await other.close();
		}
	});

	test("also on the other engine, and back", { skip: ON_POSTGRESQL ? false : "VERSIONER_TEST_DB is not set" }, () => {
		const file = exported(server), lite = `${server.dir}/lite.db`, back = `${server.dir}/back.ndjson`;
		for (const step of [["import", "--db", lite, file], ["check", "--db", lite], ["export", "--db", lite, back]]) {
			const result = run_binary(step);
			assert.equal(result.status, 0, result.stdout + result.stderr);
			if (step[0] !== "export") assert.ok(result.stdout.includes(`head ${head_of(server)}`), result.stdout);
		}
		const rows = (name: string): string[] => fs.readFileSync(name, "utf8").split("\n").filter((line) => line.startsWith('{"t":"audit_'));
		assert.deepEqual(rows(back), rows(file));
		assert.equal(verify_with_python(back).status, 0);
	});
});

describe("writers at the same time", () => {
	/* Changes one product again and again, until so many changes of all are answered or the server is gone; adds the ids of those requests. */
	async function change_on(server: Server, id: string, answered: string[], most: number): Promise<void> {
		while (answered.length < most) {
			const request_id = unique("request");
			const answer = await server.request("PATCH", `/products/${id}`, { body: { description: random_alnum(8) }, headers: { "x-request-id": request_id } }).catch(() => undefined);
			if (!answer) return;
			if (answer.status === 200) answered.push(request_id);
			else assert.ok([500, 503].includes(answer.status), answer.text);
		}
	}

	async function products_of(server: Server, count: number): Promise<string[]> {
		const ids: string[] = [];
		for (let i = 0; i < count; i++) ids.push((await server.post("/products", { name: unique("w") })).json.id);
		return ids;
	}

	/* Each change that was answered has one entry, and what it says was before is what the entry before it says was after. */
	async function assert_complete(server: Server, ids: string[], answered: string[]): Promise<void> {
		const all: Entry[] = [];
		for (let query = "?limit=200"; ;) {
			const { items, next_cursor } = (await server.get(`/audit-log${query}`)).json;
			all.unshift(...items.reverse());
			if (!next_cursor) break;
			query = `?limit=200&cursor=${next_cursor}`;
		}
		assert.deepEqual(all.map(({ number }) => number), all.map((_, i) => i + 1));
		const noted = all.filter(({ action }) => action === "product.updated").map(({ request_id }) => request_id);
		assert.equal(new Set(noted).size, noted.length);
		for (const request_id of answered) assert.ok(noted.includes(request_id), request_id);
		for (const id of ids) {
			let description = null;
			for (const entry of all.filter(({ subject, action }) => subject.id === id && action === "product.updated")) {
				assert.equal(entry.before.description, description, `entry ${entry.number}`);
				description = entry.after.description;
			}
			assert.equal((await server.get(`/products/${id}`)).json.description, description);
		}
		server.assert_check_is_green();
	}

	test("two servers on one database: no gap, no fork, and each knows what the other has changed", { skip: ON_POSTGRESQL ? false : "VERSIONER_TEST_DB is not set" }, async () => {
		await with_server({}, async (server) => {
			const other = new Server({ db: server.db, key: server.key, bootstrap: false });
			await other.start();
			try {
				const ids = await products_of(server, 3), answered: string[] = [];
				await Promise.all([server, other].flatMap((one) => ids.map((id) => change_on(one, id, answered, 150))));
				await assert_complete(other, ids, answered);
			} finally {
				await other.close();
			}
		});
	});

	test("kill -9 in the middle: what was answered is noted, and the chain is whole", async () => {
		await with_server({}, async (server) => {
			const ids = await products_of(server, 4), answered: string[] = [];
			for (let round = 0; round < 3; round++) {
				const most = answered.length + 10 + Math.floor(Math.random() * 30);
				const clients = ids.map((id) => change_on(server, id, answered, Infinity));
				await until(() => answered.length >= most, () => `${answered.length} of ${most} changes`);
				await server.stop("SIGKILL");
				await Promise.all(clients);
				await server.start();
				await assert_complete(server, ids, answered);
			}
		});
	});
});

test("python3 is there for these tests", () => assert.equal(spawnSync("python3", ["--version"]).status, 0));
