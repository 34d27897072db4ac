/* The first start's one-time link, and passwords that are reset on the server's machine: what is printed, what works, what ends. */
import { spawnSync } from "node:child_process";
import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { BINARY, Answer, Server, random_alnum, sleep, with_server } from "./server";

const LINK = /http:\/\/versioner\.test\/setup#(default\.[A-Za-z0-9_-]{43})\b/;
const PASSWORD = () => `pw ${random_alnum(24)}`;
const PATIENCE = 5_000;

const cookie_of = (answer: Answer): string => (answer.headers["set-cookie"] ?? [""])[0].split(";")[0];
const open = (server: Server, target: string, body: unknown): Promise<Answer> => server.post(target, body, { key: null });
const log_in = (server: Server, password: string, email = "admin@localhost"): Promise<Answer> => open(server, "/session/", { email, password });
const who = (server: Server, cookie: string): Promise<Answer> => server.get("/session/", { key: null, headers: { cookie } });
const reset = (server: Server, input: string, ...args: string[]) => {
	const result = spawnSync(BINARY, ["admin", "reset-password", ...args], { env: { ...server.environment(), VERSIONER_PUBLIC_URL: "http://versioner.test/" }, cwd: server.dir, encoding: "utf8", input });
	assert.equal(result.error, undefined);
	return result;
};

function first_link(server: Server): string {
	const link = LINK.exec(server.out)?.[1];
	assert.ok(link, server.out);
	return link;
}

async function wait_until_ended(server: Server, cookie: string): Promise<void> {
	for (const deadline = Date.now() + PATIENCE; (await who(server, cookie)).status !== 401; await sleep(20)) assert.ok(Date.now() < deadline, "the session has ended");
}

async function wait_for_output(server: Server, pattern: RegExp): Promise<void> {
	for (const deadline = Date.now() + PATIENCE; !pattern.test(server.out); await sleep(10)) assert.ok(Date.now() < deadline, server.out);
}

/* The admin has used the link of the first start. */
async function with_admin(run: (server: Server, password: string, cookie: string) => Promise<void>): Promise<void> {
	await with_server({}, async (server) => {
		await wait_for_output(server, LINK);
		const password = PASSWORD();
		server.keep_secret(password);
		const answer = await open(server, "/session/password", { token: first_link(server), password });
		assert.equal(answer.status, 200, answer.text);
		await run(server, password, cookie_of(answer));
	});
}

const actions = async (server: Server): Promise<string[]> => (await server.get("/audit-log/")).json.items.map((entry: any) => `${entry.actor}, ${entry.credential}: ${entry.action}`);

describe("the first start", () => {
	test("prints a link that sets the admin's password, once; a later start prints where the dashboard is, and no link", async () => {
		await with_admin(async (server, password, cookie) => {
			const link = first_link(server);
			assert.match(server.out, /Open http:\/\/versioner\.test\/setup#/);
			assert.match(server.out, /admin@localhost/);
			assert.match(server.out, /curl -X POST/);
			assert.equal((await who(server, cookie)).json.user.role, "admin");
			const again = await open(server, "/session/password", { token: link, password: PASSWORD() });
			assert.equal(again.status, 401);
			assert.deepEqual(again.json, { detail: "This link is not valid any more" });
			assert.equal((await log_in(server, password)).status, 200);
			assert.deepEqual((await actions(server)).slice(-3), ["first start, command line: api_key.created", "first start, command line: password_link.created", "first start, command line: user.created"]);

			await server.stop();
			server.out = "";
			await server.start();
			await wait_for_output(server, /Versioner is at http:\/\/versioner\.test/);
			assert.doesNotMatch(server.out, LINK);
			assert.equal((await who(server, cookie)).status, 200, "a session outlives the server");
			server.keep_secret(link);
		});
	});

	test("--admin-email names the admin", async () => {
		await with_server({ args: ["--admin-email", "Ada@Example.com"] }, async (server) => {
			await wait_for_output(server, LINK);
			const password = PASSWORD();
			assert.equal((await open(server, "/session/password", { token: first_link(server), password })).json.user.email, "ada@example.com");
			assert.equal((await log_in(server, password, "ADA@example.com")).status, 200);
		});
	});
});

describe("versioner admin reset-password", () => {
	test("a link: the old password and its sessions work until it is used", async () => {
		await with_admin(async (server, password, cookie) => {
			const made = reset(server, "");
			assert.equal(made.status, 0, made.stderr);
			const link = LINK.exec(made.stdout)?.[1];
			assert.ok(link, made.stdout);
			assert.equal(made.stdout.trim().split("\n").length, 1, "the link alone is on standard output");
			assert.match(made.stderr, /admin@localhost/);
			assert.equal((await who(server, cookie)).status, 200);

			const other = LINK.exec(reset(server, "").stdout)![1];
			assert.equal((await open(server, "/session/password", { token: link, password: PASSWORD() })).status, 401, "a newer link takes its place");
			const next = PASSWORD();
			assert.equal((await open(server, "/session/password", { token: other, password: next })).status, 200);
			assert.equal((await who(server, cookie)).status, 401, "the old session has ended");
			assert.equal((await log_in(server, password)).status, 401);
			assert.equal((await log_in(server, next)).status, 200);
			assert.ok((await actions(server)).includes("admin command, command line: password_link.created"));
		});
	});

	test("--stdin: the password is set at once, in no output, and sessions end on every running server", async () => {
		await with_admin(async (server, password, cookie) => {
			const second = new Server({ dir: server.dir, db: server.db, key: server.key });
			await second.start();
			try {
				assert.equal((await who(second, cookie)).status, 200);
				const next = PASSWORD();
				const made = reset(server, `${next}\n`, "--stdin", "--email", "ADMIN@localhost");
				assert.equal(made.status, 0, made.stderr);
				assert.equal(made.stdout, "");
				assert.ok(!made.stderr.includes(next));
				for (const running of [server, second]) {
					running.keep_secret(next);
					await wait_until_ended(running, cookie);
					assert.equal((await log_in(running, password)).status, 401);
					assert.equal((await log_in(running, next)).status, 200);
				}
				assert.ok((await actions(server)).includes("admin command, command line: user.password_changed"));
			} finally {
				await second.close();
			}
		});
	});

	test("what is wrong is said, and nothing is changed", async () => {
		await with_admin(async (server, password) => {
			const rows: [string, string[], number, RegExp][] = [
				["short\n", ["--stdin"], 2, /at least 10 characters/],
				["", ["--stdin"], 2, /no password on standard input/],
				["password123\n", ["--stdin"], 2, /everybody tries/],
				["admin@localhost\n", ["--stdin"], 2, /e-mail address/],
				[`${"x".repeat(5000)}\n`, ["--stdin"], 2, /at most 256 characters|repeated/],
				["", ["--email", "nobody@example.com"], 1, /no user nobody@example\.com/],
				["", ["a-password-as-a-word"], 2, /--stdin/],
				["", ["--password", "x"], 2, /--password/],
				["", ["--account", "other"], 1, /no account "other"/],
			];
			for (const [input, args, status, said] of rows) {
				const result = reset(server, input, ...args);
				assert.equal(result.status, status, `${args.join(" ")}: ${result.stderr}`);
				assert.match(result.stderr, said);
				assert.equal(result.stdout, "");
			}
			assert.equal((await log_in(server, password)).status, 200);
		});
	});

	test("with two admins the user must be named", async () => {
		await with_admin(async (server) => {
			const made = await server.post("/users/", { email: "bea@example.com", role: "admin" });
			assert.equal(made.status, 201, made.text);
			const result = reset(server, "");
			assert.equal(result.status, 2);
			assert.match(result.stderr, /there are 2 admins: name one with --email/);
			assert.equal(reset(server, "", "--email", "bea@example.com").status, 0);
		});
	});
});
