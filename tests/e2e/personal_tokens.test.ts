/* Personal tokens: a person's own, with the role that the person has now. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { assert_error, FORBIDDEN, get_ok, NOT_FOUND, TIME, UNAUTHENTICATED, UUID7 } from "./api";
import { Clock, NO_CLOCK } from "./clock";
import { again, make_token, person } from "./people";
import { unique, use_server, with_server } from "./server";

const MEMBERS = ["id", "name", "created_at", "expires_at", "last_used_at"];
const DAY = 86_400;

describe("personal tokens", () => {
	const server = use_server();
	const status = async (key: string, target = "/products"): Promise<number> => (await server.get(target, { key })).status;

	test("a token is shown once, works at once, and stands in its owner's list alone", async () => {
		const [one, other] = [await person(server, "developer"), await person(server, "developer")];
		const name = unique("laptop");
		const made = await make_token(one, { name });
		assert.deepEqual(Object.keys(made), [...MEMBERS, "token"]);
		assert.match(made.id, UUID7);
		assert.match(made.created_at, TIME);
		assert.match(made.token, /^pat_[A-Za-z0-9]{43}$/);
		assert.deepEqual([made.name, made.expires_at, made.last_used_at], [name, null, null]);
		assert.equal(await status(made.token), 200);
		assert.equal((await server.get("/products", { key: null, headers: { authorization: `bearer  ${made.token} ` } })).status, 200);
		const { token, ...rest } = made;
		const listed = (await one.get("/personal-tokens")).json.items;
		assert.deepEqual(listed.map((item: any) => ({ ...item, last_used_at: null })), [rest]);
		assert.deepEqual((await other.get("/personal-tokens")).json.items, []);
		assert.deepEqual((await (await again(one)).get("/personal-tokens")).json.items.length, 1);
		assert.ok(!JSON.stringify(listed).includes(token.slice(4)));
	});

	test("acts with the role that its owner has now", async () => {
		const one = await person(server, "developer");
		const { token } = await make_token(one);
		const may_write = async (): Promise<number> => (await server.post("/environments", {}, { key: token })).status;
		assert.equal(await may_write(), 403);
		assert.equal((await server.request("PATCH", `/users/${one.id}`, { body: { role: "sre" } })).status, 200);
		assert.equal(await may_write(), 422);
		assert.equal((await get_ok(server, "/session", { key: token })).user.role, "sre");
		assert.equal((await server.request("PATCH", `/users/${one.id}`, { body: { role: "viewer" } })).status, 200);
		assert.equal(await may_write(), 403);
		assert.equal(await status(token, "/personal-tokens"), 403, "a viewer has no tokens to manage");
	});

	test("is made in a session: neither a token nor a key makes one", async () => {
		const one = await person(server, "admin");
		const { token } = await make_token(one);
		for (const key of [token, server.key]) assert_error(await server.post("/personal-tokens", { name: "x" }, { key }), 403, FORBIDDEN);
		assert_error(await server.get("/personal-tokens"), 403, FORBIDDEN);
		assert.equal(await status(token, "/personal-tokens"), 200);
	});

	test("is revoked by its owner, in any way, and stops at once", async () => {
		const [one, other] = [await person(server, "developer"), await person(server, "admin")];
		const [first, second, third] = [await make_token(one), await make_token(one), await make_token(one)];
		for (const by_other of [await other.request("DELETE", `/personal-tokens/${first.id}`), await server.request("DELETE", `/personal-tokens/${first.id}`, { key: (await make_token(other)).token })]) assert_error(by_other, 404, NOT_FOUND);
		assert_error(await server.request("DELETE", `/personal-tokens/${first.id}`), 403, FORBIDDEN);
		assert.equal(await status(first.token), 200);
		assert.equal((await one.request("DELETE", `/personal-tokens/${first.id}`)).status, 204);
		assert_error(await server.get("/products", { key: first.token }), 401, UNAUTHENTICATED);
		assert_error(await one.request("DELETE", `/personal-tokens/${first.id}`), 404, NOT_FOUND);
		assert.equal((await server.request("DELETE", `/personal-tokens/${second.id}`, { key: second.token })).status, 204, "itself");
		assert.equal(await status(second.token), 401);
		assert.deepEqual((await one.get("/personal-tokens")).json.items.map(({ id }: any) => id), [third.id]);
		assert.equal(await status(third.token), 200);
	});

	test("there are fifty at most, and revoked ones do not count", async () => {
		const one = await person(server, "qa");
		const made = await Promise.all(Array.from({ length: 50 }, () => make_token(one)));
		const full = await one.post("/personal-tokens", { name: "one more" });
		assert.equal(full.status, 409);
		assert.equal(full.json.error, "TOO_MANY_TOKENS");
		assert.equal((await one.request("DELETE", `/personal-tokens/${made[7].id}`)).status, 204);
		const statuses = (await Promise.all(Array.from({ length: 4 }, () => one.post("/personal-tokens", { name: "race" })))).map((answer) => answer.status);
		assert.deepEqual(statuses.sort(), [201, 409, 409, 409]);
		const pages: string[] = [];
		for (let cursor = ""; ; ) {
			const page = (await one.get(`/personal-tokens?limit=20${cursor}`)).json;
			pages.push(...page.items.map(({ id }: any) => id));
			if (!page.next_cursor) break;
			cursor = `&cursor=${page.next_cursor}`;
		}
		assert.equal(new Set(pages).size, 50);
	});

	test("has a name, and a life of 1 to 365 days if any", async () => {
		const one = await person(server, "product");
		for (const [days, expected] of [[1, 1], [365, 365], [null, null], [undefined, null]] as const) {
			const { expires_at, created_at } = await make_token(one, { expires_in_days: days });
			assert.equal(expires_at && (Date.parse(expires_at) - Date.parse(created_at)) / 1000, expected && expected * DAY);
		}
		for (const expires_in_days of [0, -1, 366, 1.5, "7", true, 1e300]) {
			const answer = await one.post("/personal-tokens", { name: "x", expires_in_days });
			assert.equal(answer.status, 422, `${expires_in_days}: ${answer.text}`);
			assert.deepEqual(answer.json.detail.map((error: any) => error.loc), [["body", "expires_in_days"]]);
		}
		for (const name of [undefined, null, "", 5, "x".repeat(256), "a\u0007"]) assert.equal((await one.post("/personal-tokens", { name })).status, 422);
	});

	test("is over when its days are", { skip: NO_CLOCK }, async () => {
		const clock = new Clock();
		try {
			await with_server({ env: clock.env }, async (timed) => {
				const one = await person(timed, "developer");
				const [short, ever] = [await make_token(one, { expires_in_days: 2 }), await make_token(one)];
				const works = async (key: string): Promise<boolean> => (await timed.get("/products", { key })).status === 200;
				clock.forward(2 * DAY - 60);
				assert.deepEqual([await works(short.token), await works(ever.token)], [true, true]);
				clock.forward(61);
				assert.deepEqual([await works(short.token), await works(ever.token)], [false, true]);
				clock.forward(400 * DAY);
				assert.ok(await works(ever.token));
			});
		} finally {
			clock.remove();
		}
	});

	test("goes on after a restart, and a revoked one does not come back", async () => {
		await with_server({}, async (restarted) => {
			const one = await person(restarted, "developer");
			const [kept, gone] = [await make_token(one), await make_token(one)];
			assert.equal((await one.request("DELETE", `/personal-tokens/${gone.id}`)).status, 204);
			await restarted.stop();
			await restarted.start();
			assert.equal((await restarted.get("/products", { key: kept.token })).status, 200);
			assert.equal((await restarted.get("/products", { key: gone.token })).status, 401);
			assert.equal((await one.get("/session")).status, 200, "and so does the session");
		});
	});
});

describe("the rate limit", () => {
	test("counts a session and a token as it counts a key, each for itself", async () => {
		await with_server({ rate_limit: 5 }, async (server) => {
			const one = await person(server, "developer");
			const { token } = await make_token(one);
			const statuses = async (ask: () => Promise<{ status: number }>): Promise<number[]> => {
				const all: number[] = [];
				for (let i = 0; i < 8; i++) all.push((await ask()).status);
				return all;
			};
			assert.deepEqual(await statuses(() => server.get("/products", { key: token })), [200, 200, 200, 200, 200, 429, 429, 429]);
			assert.equal((await statuses(() => one.get("/products"))).filter((status) => status === 200).length, 4, "making the token was one");
		});
	});
});
