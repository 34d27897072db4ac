/* What becomes of a notification, by what its destination answers: the table under "Delivery", row by row. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { deploy, event_of, get_ok } from "./api";
import { Reply, until } from "./receivers";
import { change, channel_of, history, only_row, prefer, run_of, settled, types_received, use_world, webhook_at, with_world } from "./notifications";
import { sleep, unique } from "./server";

const json = (body: object): Reply => ({ status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

describe("answers", () => {
	const world = use_world({ args: ["--outgoing-timeout", "1s"], mail: false });
	const { server, receiver, slack } = world;

	for (const status of [200, 201, 202, 204, 299]) {
		test(`${status}: delivered, and not sent again`, async () => {
			const target = await world.webhook();
			receiver.always(target.path, { status });
			await deploy(server, {});
			const row = await only_row(server, target.id, ({ state }) => state !== "waiting");
			assert.deepEqual([row.state, row.attempts, row.answer_status], ["delivered", 1, status]);
			assert.equal(receiver.at(target.path).length, 1);
		});
	}

	for (const status of [408, 425, 500, 502, 503, 504, 599]) {
		test(`${status}: again, until it is taken`, async () => {
			const target = await world.webhook();
			receiver.script(target.path, { status }, { status: 200 });
			await deploy(server, {});
			const row = await only_row(server, target.id, ({ state }) => state !== "waiting");
			assert.deepEqual([row.state, row.attempts], ["delivered", 2]);
			const [first, second] = receiver.at(target.path);
			assert.ok(first.bytes.equals(second.bytes));
			assert.ok(second.at - first.at >= 900, `after a second, not after ${second.at - first.at} ms`);
		});
	}

	test("the pauses grow: 1 s, 2 s, then more", async () => {
		const target = await world.webhook();
		receiver.script(target.path, { status: 500 }, { status: 500 }, { status: 500 }, { status: 200 });
		await deploy(server, {});
		const requests = await receiver.wait(target.path, 4, 60_000);
		const pauses = [1, 2, 3].map((i) => requests[i].at - requests[i - 1].at);
		[900, 1_900, 2_900].forEach((least, i) => assert.ok(pauses[i] >= least, `pauses ${pauses}`));
		assert.equal((await only_row(server, target.id, ({ state }) => state !== "waiting")).state, "delivered");
	});

	for (const act of ["hang", "reset", "drip"] as const) {
		test(`no answer (${act}): again`, async () => {
			const target = await world.webhook();
			receiver.always(target.path, { act });
			await deploy(server, {});
			const waiting = await only_row(server, target.id, ({ attempts }) => attempts > 0);
			assert.equal(waiting.state, "waiting");
			assert.ok(waiting.answer.length > 0 && !waiting.answer_status, "why there was none");
			receiver.always(target.path, { status: 200 });
			assert.equal((await only_row(server, target.id, ({ state }) => state !== "waiting")).state, "delivered");
		});
	}

	test("an answer that breaks off does no harm", async () => {
		const target = await world.webhook();
		receiver.script(target.path, { act: "cut" });
		await deploy(server, {});
		assert.equal((await only_row(server, target.id, ({ state }) => state !== "waiting")).state, "delivered");
	});

	test("connections that are refused: again", async () => {
		const target = await world.webhook("*", {}, { url: "http://127.0.0.1:1/nobody" });
		await deploy(server, {});
		const row = await only_row(server, target.id, (r) => r.attempts >= 2);
		assert.equal(row.state, "waiting");
		assert.ok(row.answer.length > 0 && !row.answer_status, JSON.stringify(row));
		await change(server, `/notification-channels/${target.id}`, { config: { url: receiver.url(target.path) } });
		assert.equal((await only_row(server, target.id, ({ state }) => state !== "waiting")).state, "delivered");
	});

	test("a gigabyte of answer is not read, and holds up nobody", async () => {
		const target = await world.webhook();
		receiver.script(target.path, { act: "flood" });
		await deploy(server, {});
		const other = await world.webhook();
		await deploy(server, {});
		await receiver.wait(other.path, 1);
		const rows = await settled(server, target.id);
		assert.ok(rows.every(({ state }) => state === "delivered"), JSON.stringify(rows));
		assert.ok(receiver.flooded < 64 * 1024 * 1024, `${receiver.flooded} bytes were let in`);
	});

	test("a megabyte of headers does no harm", async () => {
		const target = await world.webhook();
		receiver.script(target.path, { act: "huge_headers" }, { status: 200 });
		await deploy(server, {});
		assert.equal((await only_row(server, target.id, ({ state }) => state !== "waiting")).state, "delivered");
	});

	for (const status of [400, 401, 402, 403, 404, 405, 409, 413, 415, 422, 451, 499]) {
		test(`${status}: dead at once, with the answer`, async () => {
			const target = await world.webhook();
			receiver.always(target.path, { status, body: `refused with ${status}` });
			await deploy(server, {});
			const row = await only_row(server, target.id, ({ state }) => state !== "waiting");
			assert.deepEqual([row.state, row.attempts, row.answer_status, row.answer], ["dead", 1, status, `refused with ${status}`]);
			assert.equal((await channel_of(server, target.id)).enabled, true);
		});
	}

	for (const status of [300, 301, 302, 303, 304, 307, 308]) {
		test(`${status}: dead, and the redirect is not followed`, async () => {
			const target = await world.webhook();
			const elsewhere = `/${unique("elsewhere")}`;
			receiver.always(target.path, { status, headers: { location: receiver.url(elsewhere) } });
			await deploy(server, {});
			const row = await only_row(server, target.id, ({ state }) => state !== "waiting");
			assert.deepEqual([row.state, row.answer_status], ["dead", status]);
			assert.equal(receiver.at(elsewhere).length, 0);
		});
	}

	test("the first KiB of the answer is kept, and never half a character of it", async () => {
		const target = await world.webhook();
		for (const [body, pattern] of [["x".repeat(5000), /^x+…?$/], ["€".repeat(5000), /^€+…?$/]] as const) {
			receiver.script(target.path, { status: 400, body });
			const { id } = await deploy(server, {});
			await settled(server, target.id);
			const [row] = await history(server, { channel: target.id, deployment: id });
			assert.match(row.answer, pattern);
			const length = Buffer.byteLength(row.answer);
			assert.ok(length > 1000 && length <= 1024, `${length}`);
		}
	});

	describe("429", () => {
		test("again after Retry-After, and the whole channel waits; other channels do not", async () => {
			const product_name = unique("busy");
			const busy = await world.webhook("*", { products: [product_name] });
			const other = await world.webhook("*", { products: [product_name] });
			receiver.script(busy.path, { status: 429, headers: { "retry-after": "4" } });
			await deploy(server, { product_name, version: "1" });
			const [first] = await receiver.wait(busy.path, 1);
			await deploy(server, { product_name, version: "2" });
			await receiver.wait(other.path, 2);
			const requests = await receiver.wait(busy.path, 3);
			assert.ok(requests[1].at - first.at >= 3_900, `the next request came after ${requests[1].at - first.at} ms`);
			assert.ok(receiver.at(other.path)[1].at < requests[1].at, "the other channel went on");
			assert.deepEqual(requests.slice(1).map((r) => r.json.version).sort(), ["1", "2"]);
			assert.ok((await settled(server, busy.id)).every(({ state }) => state === "delivered"));
		});

		test("Retry-After may be a date", async () => {
			const target = await world.webhook();
			receiver.script(target.path, { status: 429, headers: { "retry-after": new Date(Date.now() + 4_000).toUTCString() } });
			await deploy(server, {});
			const [first, second] = await receiver.wait(target.path, 2);
			assert.ok(second.at - first.at >= 1_900, `${second.at - first.at} ms`);
		});

		test("Retry-After of an eternity is an hour", async () => {
			for (const value of ["99999", "9223372036854775807", "99999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"]) {
				const target = await world.webhook();
				receiver.always(target.path, { status: 429, headers: { "retry-after": value } });
				const { id } = await deploy(server, {});
				await receiver.wait(target.path, 1);
				await until(async () => (await history(server, { channel: target.id, deployment: id }))[0].attempts === 1, () => "no attempt is written down");
				const { next_due_at } = await channel_of(server, target.id);
				const seconds = (Date.parse(next_due_at) - Date.now()) / 1000;
				assert.ok(seconds <= 3601 && (seconds > 3000 || value.length > 20), `${value}: ${seconds} s`);
				await change(server, `/notification-channels/${target.id}`, { enabled: false });
			}
		});

		test("without Retry-After, or with nonsense: again, though not at once", async () => {
			for (const value of [undefined, "soon", "-5", "0"]) {
				const target = await world.webhook();
				receiver.script(target.path, { status: 429, headers: value === undefined ? {} : { "retry-after": value } });
				const { id } = await deploy(server, {});
				const [first, second] = await receiver.wait(target.path, 2);
				assert.ok(second.at - first.at >= 500, `${value}: ${second.at - first.at} ms`);
				assert.equal(second.json.id, id);
				await change(server, `/notification-channels/${target.id}`, { enabled: false });
			}
		});

		test("of Slack, for a webhook and for a bot", async () => {
			const limited: Reply = { status: 429, headers: { "retry-after": "2", "content-type": "application/json" }, body: '{"ok":false,"error":"ratelimited"}' };
			const hook = await world.channel("slack_webhook"), bot = await world.channel("slack_bot");
			slack.script(hook.path, limited);
			slack.script("/api/chat.postMessage", limited);
			const product_name = unique("limited");
			for (const { id } of [hook, bot]) await prefer(server, id, "*", { products: [product_name] });
			await deploy(server, { product_name });
			for (const { id } of [hook, bot]) assert.deepEqual((await settled(server, id)).map((r) => [r.state, r.attempts]), [["delivered", 2]]);
			assert.equal(slack.posted_to(bot.place).length, 1);
		});
	});

	describe("what switches a channel off", () => {
		async function switched_off(type: "webhook" | "slack_webhook" | "msteams", reply: Reply, reason: RegExp): Promise<void> {
			const target = await world.channel(type);
			await prefer(server, target.id, "*");
			(type === "slack_webhook" ? slack : receiver).always(target.path, reply);
			const product_name = unique("off");
			await deploy(server, { product_name });
			const row = await only_row(server, target.id, ({ state }) => state !== "waiting");
			assert.deepEqual([row.state, row.answer_status], ["dead", reply.status]);
			const channel = await channel_of(server, target.id);
			assert.equal(channel.enabled, false);
			assert.match(channel.disabled_reason, reason);
			const { id } = await deploy(server, { product_name });
			assert.deepEqual(await history(server, { channel: target.id, deployment: id }), [], "nothing more is sent there");
			assert.equal((await change(server, `/notification-channels/${target.id}`, { enabled: true })).disabled_reason, null, "a person switches it on again");
		}

		test("410", async () => {
			await switched_off("webhook", { status: 410, body: "this hook was removed" }, /410|removed/);
			await switched_off("msteams", { status: 410, body: "gone" }, /410|gone/i);
		});

		const WORDS: [number, string][] = [[404, "no_service"], [404, "no_team"], [404, "team_disabled"], [403, "team_disabled"], [410, "channel_is_archived"], [403, "invalid_token"], [403, "action_prohibited"]];
		for (const [status, word] of WORDS) test(`Slack's ${word} with ${status}`, () => switched_off("slack_webhook", { status, body: word }, new RegExp(word)));

		const OTHERS: [number, string][] = [[400, "invalid_payload"], [400, "no_text"], [400, "invalid_blocks"], [403, "posting_to_general_channel_denied"], [404, "channel_not_found"]];
		for (const [status, word] of OTHERS) {
			test(`Slack's ${word} does not: that message alone is dead`, async () => {
				const target = await world.channel("slack_webhook");
				await prefer(server, target.id, "*");
				slack.script(target.path, { status, body: word });
				await deploy(server, {});
				const row = await only_row(server, target.id, ({ state }) => state !== "waiting");
				assert.deepEqual([row.state, row.answer], ["dead", word]);
				assert.equal((await channel_of(server, target.id)).enabled, true);
			});
		}

		test("the words mean nothing in another type's answer", async () => {
			const target = await world.webhook();
			receiver.script(target.path, { status: 404, body: "no_service" });
			await deploy(server, {});
			await settled(server, target.id);
			assert.equal((await channel_of(server, target.id)).enabled, true);
		});

		test("what waits for it is not sent while it is off, and is when it is enabled again", async () => {
			const product_name = unique("rest");
			const target = await world.webhook("*", { products: [product_name] });
			receiver.script(target.path, { status: 410, delay: 300 });
			for (const version of ["1", "2", "3"]) await deploy(server, { product_name, version });
			await until(async () => !(await channel_of(server, target.id)).enabled, () => "still on");
			await sleep(1_500);
			assert.equal(receiver.at(target.path).length, 1);
			await change(server, `/notification-channels/${target.id}`, { enabled: true });
			const rows = await settled(server, target.id);
			assert.deepEqual(rows.map(({ state }) => state), ["dead", "delivered", "delivered"]);
		});

		test("what waits for a channel that is deleted is dead", async () => {
			const product_name = unique("rest");
			const target = await world.webhook("*", { products: [product_name] });
			receiver.always(target.path, { status: 503 });
			for (const version of ["1", "2", "3"]) await deploy(server, { product_name, version });
			await receiver.wait(target.path, 2);
			assert.equal((await server.request("DELETE", `/notification-channels/${target.id}`)).status, 204);
			assert.deepEqual((await settled(server, target.id)).map(({ state }) => state), ["dead", "dead", "dead"]);
		});
	});

	describe("the Slack bot's errors are 200 with a word", () => {
		test("one that is about the message: dead, with the word", async () => {
			for (const error of ["invalid_blocks", "channel_not_found", "not_in_channel", "msg_too_long"]) {
				const target = await world.channel("slack_bot");
				const product_name = unique("bot-error");
				await prefer(server, target.id, "*", { products: [product_name] });
				slack.always("/api/chat.postMessage", json({ ok: false, error }));
				await deploy(server, { product_name });
				const row = await only_row(server, target.id, ({ state }) => state !== "waiting");
				assert.equal(row.state, "dead");
				assert.ok(row.answer.includes(error), row.answer);
				await change(server, `/notification-channels/${target.id}`, { enabled: false });
				slack.never("/api/chat.postMessage");
			}
		});

		test("a message that somebody deleted is posted anew", async () => {
			const target = await world.channel("slack_bot");
			const given = { product_name: unique("deleted"), invoke_id: "1" };
			await prefer(server, target.id, "*", { products: [given.product_name] });
			await deploy(server, { ...given, status: "started" });
			await settled(server, target.id);
			slack.messages.splice(slack.messages.indexOf(slack.posted_to(target.place)[0]), 1);
			await deploy(server, { ...given, status: "success" });
			const rows = await settled(server, target.id);
			assert.equal(rows.at(-1).state, "delivered", JSON.stringify(rows.at(-1)));
			assert.equal(slack.posted_to(target.place).length, 1);
		});
	});
});

describe("order", () => {
	const world = use_world({ mail: false, args: ["--outgoing-timeout", "2s"] });
	const { server, receiver } = world;

	test("a waiting message does not hold up those of other deployments", async () => {
		const product_name = unique("order");
		const target = await world.webhook("*", { products: [product_name] });
		receiver.always(target.path, (r) => ({ status: r.json.version === "stuck" ? 500 : 200 }));
		await deploy(server, { product_name, version: "stuck" });
		await receiver.wait(target.path, 1);
		for (const version of ["1", "2", "3"]) await deploy(server, { product_name, version });
		await until(() => new Set(receiver.at(target.path).map((r) => r.json.version)).size === 4, () => "others are held up");
		const stuck = (await history(server, { channel: target.id }))[0];
		assert.equal(stuck.state, "waiting");
		receiver.always(target.path, { status: 200 });
		await settled(server, target.id, 60_000);
	});

	test("one deployment's are told in their order, while its first is tried again", async () => {
		const target = await world.webhook("deployment.*");
		receiver.script(target.path, { status: 500 }, { status: 503 });
		await run_of(server, ["pending", "started", "success"]);
		await settled(server, target.id);
		assert.deepEqual(types_received(receiver.at(target.path)),
			["deployment.pending", "deployment.pending", "deployment.pending", "deployment.started", "deployment.completed"]);
	});

	test("one that is dead does not hold up what follows", async () => {
		const target = await world.webhook("deployment.*");
		receiver.script(target.path, { status: 400 });
		await run_of(server, ["started", "success"]);
		assert.deepEqual((await settled(server, target.id)).map((r) => r.state), ["dead", "delivered"]);
	});

	test("at most one is in flight for a channel, several over all", async () => {
		const product_name = unique("flight");
		const targets = await Promise.all([1, 2, 3, 4].map(() => world.webhook("*", { products: [product_name] })));
		for (const target of targets) receiver.always(target.path, { status: 200, delay: 150 });
		await Promise.all(Array.from({ length: 8 }, (_, i) => deploy(server, { product_name, version: `${i}` })));
		for (const target of targets) await receiver.wait(target.path, 8);
		for (const target of targets) assert.equal(receiver.most_under_way(target.path), 1);
		assert.ok(receiver.most_under_way() >= 2, `${receiver.most_under_way()} at once`);
	});

	test("a destination that hangs holds up nobody else", async () => {
		const product_name = unique("hang");
		const hanging = await Promise.all([1, 2, 3, 4, 5].map(() => world.webhook("*", { products: [product_name] })));
		for (const target of hanging) receiver.always(target.path, { act: "hang" });
		const good = await world.webhook("*", { products: [product_name] });
		for (let i = 0; i < 5; i++) await deploy(server, { product_name, version: `${i}` });
		await receiver.wait(good.path, 5);
		assert.ok((await history(server, { channel: hanging[0].id })).some(({ state }) => state === "waiting"));
		for (const target of hanging) receiver.always(target.path, { status: 200 });
		for (const target of hanging) await settled(server, target.id, 60_000);
	});

	test("the figures tell of it, by channel type", async () => {
		const { text } = await server.get("/metrics");
		for (const word of ["delivered", "retried", "dead"]) assert.match(text, new RegExp(`^versioner_\\w*notif\\w*.*${word}|^versioner_\\w*${word}\\w*\\{`, "m"), word);
		assert.match(text, /^versioner_\w+\{[^}]*="webhook"[^}]*\} [1-9]/m);
		assert.match(text, /^versioner_\w*(oldest|age)\w*/m);
	});
});

describe("a restart", () => {
	test("keeps what waits, and its order", async () => {
		await with_world({ mail: false }, async ({ server, receiver }) => {
			const target = await webhook_at(server, receiver.url("/down"));
			receiver.always("/down", { status: 503 });
			const runs = await Promise.all([1, 2, 3].map(() => run_of(server, ["pending", "started", "success"])));
			await receiver.wait("/down", 3);
			server.assert_clean_exit(await server.stop());
			const before = receiver.at("/down").length;
			receiver.always("/down", { status: 200 });
			await server.start();
			const rows = await settled(server, target, 120_000);
			assert.deepEqual([rows.length, rows.every(({ state }) => state === "delivered")], [9, true]);
			const later = receiver.at("/down").slice(before);
			for (const { id } of runs)
				assert.deepEqual(types_received(later.filter((r) => r.json.id === id)), ["deployment.pending", "deployment.started", "deployment.completed"]);
		});
	});

	test("that was asked for doubles nothing: what is under way is finished first", async () => {
		await with_world({ mail: false }, async (world) => {
			world.receiver.always("", () => ({ status: 200, delay: Math.random() * 8 }));
			const targets = await Promise.all([1, 2, 3].map(() => world.webhook("*")));
			const lines = Array.from({ length: 200 }, () => JSON.stringify({ kind: "deployment", ...event_of("deployment") })).join("\n");
			await world.server.post("/events/bulk", lines, { headers: { "content-type": "application/x-ndjson" } });
			for (let i = 0; i < 3; i++) {
				await sleep(100);
				world.server.assert_clean_exit(await world.server.stop());
				await world.server.start();
			}
			for (const target of targets) {
				assert.equal((await settled(world.server, target.id)).length, 200);
				const ids = world.receiver.at(target.path).map((r) => r.headers["webhook-id"]);
				assert.deepEqual([ids.length, new Set(ids).size], [200, 200]);
			}
		});
	});

	test("a Slack bot goes on with the message that is there", async () => {
		await with_world({ mail: false }, async (world) => {
			const target = await world.channel("slack_bot");
			await prefer(world.server, target.id, "*");
			const given = { product_name: unique("bot"), invoke_id: "1" };
			await deploy(world.server, { ...given, status: "started" });
			await settled(world.server, target.id);
			world.server.assert_clean_exit(await world.server.stop());
			await world.server.start();
			await deploy(world.server, { ...given, status: "success" });
			await settled(world.server, target.id);
			const posted = world.slack.posted_to(target.place);
			assert.deepEqual([posted.length, posted[0].versions.length], [1, 2]);
		});
	});

	test("a destination that hangs does not keep the server from stopping", async () => {
		await with_world({ mail: false }, async ({ server, receiver }) => {
			const target = await webhook_at(server, receiver.url("/hangs"));
			receiver.always("/hangs", { act: "hang" });
			await deploy(server, {});
			await receiver.wait("/hangs", 1);
			server.assert_clean_exit(await server.stop());
			receiver.always("/hangs", { status: 200 });
			await server.start();
			assert.equal((await only_row(server, target, ({ state }) => state !== "waiting", 120_000)).state, "delivered");
		});
	});
});

describe("readiness", () => {
	test("a destination that is down leaves the server ready, and events go on", async () => {
		await with_world({ mail: false }, async ({ server, receiver }) => {
			await webhook_at(server, receiver.url("/x"));
			await receiver.down();
			const lines = Array.from({ length: 500 }, () => JSON.stringify({ kind: "deployment", ...event_of("deployment") })).join("\n");
			assert.equal((await server.post("/events/bulk", lines, { headers: { "content-type": "application/x-ndjson" } })).status, 200);
			await sleep(1_000);
			assert.equal((await server.get("/ready")).status, 200);
			await get_ok(server, "/health");
		});
	});
});
