/* Passwords: one's own, set by a one-time link, refused when they are too easy; and those who try many are slowed down. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { assert_error, get_ok } from "./api";
import { Clock, NO_CLOCK } from "./clock";
import { again, assert_logged_in, Browser, make_token, make_user, new_password, Person, person, token_of, WRONG_LINK, WRONG_LOGIN } from "./people";
import { Answer, random_alnum, Server, sleep, use_server, with_server } from "./server";

const PROXY = ["--trusted-proxy", "127.0.0.1"];
const use_link = (server: Server, token: string, password = new_password()): Promise<Answer> => new Browser(server).post("/session/password", { token, password });
const new_link = async (server: Server, id: string): Promise<string> => {
	const answer = await server.post(`/users/${id}/password-link`, undefined);
	assert.equal(answer.status, 201, answer.text);
	assert.deepEqual(Object.keys(answer.json), ["url", "expires_at"]);
	return token_of(answer.json);
};
const change = (one: Person, current_password: string, password: string): Promise<Answer> => one.patch("/session", { current_password, password });

describe("one's own name and password", () => {
	const server = use_server({ args: PROXY });

	test("a new password ends all other sessions of the user, and nobody else's", async () => {
		const [one, bystander] = [await person(server, "viewer"), await person(server, "viewer")];
		const [two, three] = [await again(one), await again(one)];
		const password = new_password();
		const answer = await change(one, one.password, password);
		assert.equal(answer.status, 200, answer.text);
		assert.equal(answer.json.csrf_token, one.csrf);
		for (const [browser, expected] of [[one, true], [two, false], [three, false], [bystander, true]] as const) await assert_logged_in(browser, expected);
		assert_error(await new Browser(server).login(one.email, one.password), 401, WRONG_LOGIN);
		assert.equal((await new Browser(server).login(one.email, password)).status, 200);
	});

	test("the others end before the answer is there, by a change as by a link", async () => {
		const one = await person(server, "viewer");
		for (let round = 0; round < 8; round++) {
			const two = await again(one), password = new_password();
			const changed = round % 2 ? await change(one, one.password, password) : await one.post("/session/password", { token: await new_link(server, one.id), password });
			await assert_logged_in(two, false);
			assert.equal(changed.status, 200, changed.text);
			await assert_logged_in(one, true);
			one.password = password;
		}
	});

	test("personal tokens go on: they are not the password's", async () => {
		const one = await person(server, "developer");
		const { token } = await make_token(one);
		assert.equal((await change(one, one.password, new_password())).status, 200);
		assert.equal((await server.get("/session", { key: token })).status, 200);
	});

	test("the present one must be known", async () => {
		const one = await person(server, "viewer");
		for (const body of [{ password: new_password() }, { password: new_password(), current_password: null }, { password: new_password(), current_password: "" }, { password: new_password(), current_password: new_password() }]) {
			const answer = await one.patch("/session", body);
			assert.equal(answer.status, 422, answer.text);
			assert.deepEqual(answer.json.detail.map((error: any) => error.loc), [["body", "current_password"]]);
		}
		assert.equal((await again(one)).session.kind, "session");
	});

	test("a stolen session does not find it out by trying", async () => {
		const one = await person(server, "viewer");
		const from = { headers: { "x-forwarded-for": "10.9.9.9" } };
		const statuses: number[] = [];
		for (let i = 0; i < 7; i++) statuses.push((await one.patch("/session", { password: new_password(), current_password: new_password() }, from)).status);
		assert.deepEqual(statuses.slice(0, 5), Array(5).fill(422));
		assert.equal(statuses[6], 429);
	});

	test("of two who change it at once, one does", async () => {
		const one = await person(server, "viewer");
		const passwords = [new_password(), new_password()];
		const answers = await Promise.all(passwords.map((password) => change(one, one.password, password)));
		assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 422]);
		const right = passwords[answers.findIndex(({ status }) => status === 200)];
		assert.equal((await new Browser(server).login(one.email, right)).status, 200);
	});

	test("the name is changed, kept, and taken away", async () => {
		const one = await person(server, "viewer", { name: "Ada" });
		const two = await again(one);
		for (const [body, name] of [[{ name: "Ada L." }, "Ada L."], [{}, "Ada L."], [{ name: null }, null], [{ role: "admin", email: "other@example.com", active: false }, null]] as const) {
			const answer = await one.patch("/session", body);
			assert.equal(answer.status, 200, answer.text);
			assert.deepEqual([answer.json.user.name, answer.json.user.role, answer.json.user.email, answer.json.user.active], [name, "viewer", one.email, true]);
		}
		await assert_logged_in(two, true);
	});
});

describe("what may be a password", () => {
	const server = use_server({ args: PROXY });

	test("ten characters at least, not the address, not one character over and over, not what everybody has", async () => {
		const one = await person(server, "viewer", { email: "long.enough.name@example.com" });
		const link = await new_link(server, one.id);
		for (const password of ["short", "123456789", "ééééééééé", "long.enough.name@example.com", "LONG.ENOUGH.NAME@EXAMPLE.COM", "aaaaaaaaaaaa", "x".repeat(256), "y".repeat(257), "password123", 5, null, ""]) {
			for (const answer of [await use_link(server, link, password as string), await change(one, one.password, password as string)]) {
				assert.equal(answer.status, 422, `${password}: ${answer.text}`);
				assert.deepEqual(answer.json.detail.map((error: any) => error.loc), [["body", "password"]]);
				if (typeof password === "string" && password.length > 0) assert.ok(!answer.text.includes(password), "it is not said back");
			}
		}
		const used = await use_link(server, link);
		assert.equal(used.status, 200, `a link is not used up by what was refused: ${used.text}`);
	});

	test("any characters", async () => {
		for (const password of ["correct horse battery staple", "密码密码密码密码密码", "🔑🗝️🔐🔒🔓🔏 keys", " leading and trailing ", "tab\tand\nnewline", "nul\0nul\0nul", `${"ab".repeat(127)}xy`, `${"é".repeat(255)}x`, "\u202eright to left"]) {
			const one = await person(server, "viewer");
			assert.equal((await change(one, one.password, password)).status, 200, password);
			assert.equal((await new Browser(server).login(one.email, password)).status, 200, password);
			assert_error(await new Browser(server).login(one.email, `${password.slice(0, -1)}`, {}, { headers: { "x-forwarded-for": "10.2.2.2" } }), 401, WRONG_LOGIN);
			assert.equal((await new Browser(server).login(one.email, password, {}, { headers: { "x-forwarded-for": "10.2.2.2" } })).status, 200);
		}
	});
});

describe("a one-time link", () => {
	const server = use_server();

	test("is given once: with a new user, and whenever it is asked for", async () => {
		const { id, password_link } = await make_user(server);
		assert.deepEqual(Object.keys(password_link), ["url", "expires_at"]);
		assert.match(password_link.url, /^http:\/\/versioner\.test\/setup#default\.[A-Za-z0-9_-]{43}$/);
		const hours = (Date.parse(password_link.expires_at) - Date.now()) / 3_600_000;
		assert.ok(hours > 71.9 && hours < 72.1, String(hours));
		const user = await get_ok(server, `/users/${id}`);
		assert.deepEqual([user.has_password, user.last_login_at, "password_link" in user], [false, null, false]);
	});

	test("sets the password, logs in, and is used up", async () => {
		const { id, email, password_link } = await make_user(server, { role: "developer" });
		const browser = new Browser(server), password = new_password();
		const answer = await browser.post("/session/password", { token: token_of(password_link), password });
		assert.equal(answer.status, 200, answer.text);
		assert.deepEqual([answer.json.kind, answer.json.user.id, answer.json.user.has_password], ["session", id, true]);
		await assert_logged_in(browser, true);
		assert.equal((await browser.post("/deployment-events/", {})).status, 422, "the session may do what its role may");
		assert_error(await use_link(server, token_of(password_link)), 401, WRONG_LINK);
		assert.equal((await new Browser(server).login(email, password)).status, 200);
	});

	test("takes the older one's place, and ends the user's sessions", async () => {
		const one = await person(server, "viewer");
		const [first, second] = [await new_link(server, one.id), await new_link(server, one.id)];
		assert_error(await use_link(server, first), 401, WRONG_LINK);
		await assert_logged_in(one, true);
		assert.equal((await use_link(server, second)).status, 200);
		await assert_logged_in(one, false);
	});

	test("is one of ours, whole, and for somebody who is active", async () => {
		const one = await person(server, "viewer");
		const link = await new_link(server, one.id), [slug, secret] = link.split(".");
		for (const token of [secret, `${slug}.`, `.${secret}`, `other.${secret}`, `${slug}.${random_alnum(43)}`, link.slice(0, -1), `${link}x`, ` ${link}`, "x", one.cookie.split("=")[1]]) assert_error(await use_link(server, token), 401, WRONG_LINK);
		assert.equal((await server.request("PATCH", `/users/${one.id}`, { body: { active: false } })).status, 200);
		assert_error(await use_link(server, link), 401, WRONG_LINK);
	});

	test("works once when it is used many times at once", async () => {
		const { password_link } = await make_user(server);
		const statuses = (await Promise.all(Array.from({ length: 8 }, () => use_link(server, token_of(password_link))))).map(({ status }) => status);
		assert.deepEqual(statuses.sort(), [200, ...Array(7).fill(401)]);
	});

	test("is over after 72 hours", { skip: NO_CLOCK }, async () => {
		const clock = new Clock();
		try {
			await with_server({ env: clock.env }, async (timed) => {
				const [early, late] = [await make_user(timed), await make_user(timed)];
				clock.forward(72 * 3600 - 60);
				assert.equal((await use_link(timed, token_of(early.password_link))).status, 200);
				clock.forward(61);
				assert_error(await use_link(timed, token_of(late.password_link)), 401, WRONG_LINK);
			});
		} finally {
			clock.remove();
		}
	});

	test("leads to where the server was reached when it has no public address", async () => {
		await with_server({ args: ["--public-url", ""] }, async (bare) => {
			const { password_link } = await make_user(bare);
			assert.ok(password_link.url.startsWith(`http://127.0.0.1:${bare.port}/setup#`), password_link.url);
		});
	});
});

describe("who fails too often waits", () => {
	const server = use_server({ args: PROXY });
	const from = (address: string): { headers: Record<string, string> } => ({ headers: { "x-forwarded-for": address } });
	const fail = async (email: string, address: string): Promise<Answer> => new Browser(server).login(email, random_alnum(12), {}, from(address));

	function assert_held_up(answer: Answer): number {
		assert.equal(answer.status, 429, answer.text);
		const seconds = Number(answer.headers["retry-after"]);
		assert.ok(seconds >= 1);
		assert.deepEqual(answer.json, { detail: `Too many failed logins. Try again in ${seconds} seconds.` });
		return seconds;
	}

	test("five free tries of one user from one address, known or not; then the right password waits too", async () => {
		const one = await person(server, "viewer");
		for (const [email, password, address] of [[one.email, one.password, "10.3.0.1"], ["nobody@example.com", "x", "10.3.0.2"]]) {
			for (let i = 0; i < 5; i++) assert_error(await fail(email, address), 401, WRONG_LOGIN);
			assert_held_up(await fail(email.toUpperCase(), address));
			assert_held_up(await new Browser(server).login(email, password, { account: "default" }, from(address)));
		}
		assert.equal((await new Browser(server).login(one.email, one.password, {}, from("10.3.0.3"))).status, 200, "from elsewhere");
	});

	test("and can log in once the time is over, which forgets the failures", async () => {
		const one = await person(server, "viewer");
		const address = "10.3.1.1";
		for (let i = 0; i < 5; i++) await fail(one.email, address);
		for (const deadline = Date.now() + 30_000; ; ) {
			const answer = await new Browser(server).login(one.email, one.password, {}, from(address));
			if (answer.status === 200) break;
			await sleep(assert_held_up(answer) * 1000);
			assert.ok(Date.now() < deadline, answer.text);
		}
		for (let i = 0; i < 5; i++) assert_error(await fail(one.email, address), 401, WRONG_LOGIN);
	});

	test("twenty free tries from one address, whoever is tried", async () => {
		for (let i = 0; i < 20; i++) assert_error(await fail(`nobody${i}@example.com`, "10.3.2.1"), 401, WRONG_LOGIN);
		assert_held_up(await fail("another@example.com", "10.3.2.1"));
		assert_error(await fail("another@example.com", "10.3.2.2"), 401, WRONG_LOGIN);
	});

	test("many at once are as many as one after the other", async () => {
		const statuses = (await Promise.all(Array.from({ length: 15 }, () => fail("burst@example.com", "10.3.3.1")))).map(({ status }) => status);
		assert.equal(statuses.filter((status) => status === 401).length, 5, statuses.join());
		assert.ok(statuses.every((status) => [401, 429].includes(status)));
	});

	test("and it shows in the metrics", async () => {
		const { text } = await server.get("/metrics");
		for (const result of ["ok", "failed", "throttled"]) assert.ok(Number(new RegExp(`versioner_logins_total\\{result="${result}"\\} (\\d+)`).exec(text)?.[1]) > 0, result);
	});
});
