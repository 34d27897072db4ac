/* Notification channels by HTTP: what is accepted, refused, shown, tried; and to whom all of notifications is open. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { create_key } from "./admin";
import { Answerer } from "./receivers";
import { assert_error, deploy, Fields, FORBIDDEN, get_ok, list_all, NOT_FOUND, TIME, UNAUTHENTICATED, UUID7 } from "./api";
import { NO_MAIL } from "./mail_server";
import { Answer, random_alnum, unique } from "./server";
import { assert_signed, change, channel_of, CHANNEL_TYPES, CHANNELS, create_channel, history, HISTORY, NOBODY, only_row, places, prefer, PREFERENCES, remove, settled, use_world, with_world } from "./notifications";

describe("notification channels", () => {
	const world = use_world();
	const { server } = world;
	const config_of = (type: string): Fields => world.config(type as any, unique("place"));
	const post = (fields: Fields): Promise<Answer> => server.post(CHANNELS, { name: unique("channel"), channel_type: "webhook", config: config_of("webhook"), enabled: true, ...fields });

	describe("creating", () => {
		for (const type of CHANNEL_TYPES) {
			test(type, async () => {
				const name = unique(type);
				const created = await create_channel(server, type, config_of(type), { name });
				assert.match(created.id, UUID7);
				assert.deepEqual([created.name, created.channel_type, created.enabled, created.disabled_reason], [name, type, true, null]);
				assert.match(created.created_at, TIME);
				const shown = await channel_of(server, created.id);
				for (const name of Object.keys(created)) assert.deepEqual(shown[name], created[name], name);
				assert.ok((await list_all(server, CHANNELS)).some((item) => item.id === created.id));
			});
		}

		test("enabled without the word", async () => {
			const { status, json } = await post({ enabled: undefined });
			assert.deepEqual([status, json.enabled], [201, true]);
		});

		test("a name is free text of any language", async () => {
			const { status, json } = await post({ name: "  Déploiements « 本番 » 🚀 " + unique("n") + " " });
			assert.equal(status, 201);
			assert.ok(json.name.startsWith("Déploiements"), "trimmed");
		});

		test("a name that is taken is 409, also by a change", async () => {
			const first = await post({});
			const again = await post({ name: first.json.name });
			assert.equal(again.status, 409, again.text);
			assert.equal(again.json.error, "NAME_TAKEN");
			assert.equal(again.json.detail, again.json.message);
			const other = await post({});
			assert.equal((await server.request("PATCH", CHANNELS + other.json.id, { body: { name: first.json.name } })).status, 409);
			assert.equal((await server.request("PATCH", CHANNELS + first.json.id, { body: { name: first.json.name } })).status, 200);
		});

		test("nothing at all: every required field is named", async () => {
			const named = places(await server.post(CHANNELS, {}));
			assert.deepEqual(named.slice(0, 2), ["name", "channel_type"]);
			assert.ok(named.includes("config") || named.length === 2);
			assert.deepEqual((await server.post(CHANNELS, {})).json.detail[0], { loc: ["body", "name"], msg: "field required", type: "value_error.missing" });
		});

		test("wrong types are named, all of them", async () => {
			const answer = await server.post(CHANNELS, { name: 5, channel_type: [], config: "text", enabled: "perhaps" });
			assert.deepEqual(places(answer), ["name", "channel_type", "config", "enabled"]);
		});

		test("names: empty, too long, with control characters", async () => {
			for (const name of ["", "   ", "x".repeat(256), "a\u0000b", "a\nb", null]) assert.deepEqual(places(await post({ name })), ["name"], JSON.stringify(name));
			assert.equal((await post({ name: unique("long").padEnd(255, "x") })).status, 201);
		});

		test("an unknown type is named, with those that are known", async () => {
			const answer = await post({ channel_type: "carrier_pigeon" });
			assert.deepEqual(places(answer), ["channel_type"]);
			for (const type of CHANNEL_TYPES) assert.ok(answer.text.includes(type), answer.text);
		});

		test("a body that is no object", async () => {
			for (const body of ["[]", "5", "null", '"x"']) assert.equal((await server.post(CHANNELS, body)).status, 422);
			assert.equal((await server.post(CHANNELS, "{")).status, 400);
		});

		const WRONG: [type: string, config: Fields, named: string[]][] = [
			["slack_webhook", {}, ["config.webhook_url"]],
			["slack_webhook", { webhook_url: 5 }, ["config.webhook_url"]],
			["slack_webhook", { webhook_url: "no url" }, ["config.webhook_url"]],
			["slack_webhook", { webhook_url: null }, ["config.webhook_url"]],
			["slack_bot", {}, ["config.token", "config.channel"]],
			["slack_bot", { token: "xoxb-1", channel: 5 }, ["config.channel"]],
			["slack_bot", { token: "", channel: "" }, ["config.token", "config.channel"]],
			["slack_bot", { token: "xoxb-1\r\nX-Evil: 1", channel: "C1" }, ["config.token"]],
			["webhook", {}, ["config.url"]],
			["webhook", { url: "ftp://example.com/" }, ["config.url"]],
			["webhook", { url: "http://" }, ["config.url"]],
			["webhook", { url: `http://example.com/${"x".repeat(2048)}` }, ["config.url"]],
			["webhook", { url: "http://example.com/", secret: 5 }, ["config.secret"]],
			["webhook", { url: "http://example.com/", headers: [] }, ["config.headers"]],
			["webhook", { url: "http://example.com/", headers: "X: y" }, ["config.headers"]],
			["email", {}, ["config.to"]],
			["email", { to: [] }, ["config.to"]],
			["email", { to: ["nobody"] }, ["config.to"]],
			["email", { to: ["a@example.com", "b@c@d"] }, ["config.to"]],
			["email", { to: ["a@example.com\r\nBcc: x@example.com"] }, ["config.to"]],
			["email", { to: ["Ada <ada@example.com>"] }, ["config.to"]],
			["email", { to: [5] }, ["config.to"]],
			["msteams", {}, ["config.webhook_url"]],
			["msteams", { webhook_url: "javascript:alert(1)" }, ["config.webhook_url"]],
		];
		for (const [type, config, named] of WRONG) {
			test(`${type} with ${JSON.stringify(config).slice(0, 80)}: 422 names ${named}`, async () => {
				const found = places(await post({ channel_type: type, config }));
				assert.deepEqual(found.map((place) => place.replace(/\.\d+$/, "")), named);
			});
		}

		test("headers that would break the request or lie about it are refused", async () => {
			for (const headers of [{ "X-A\r\nEvil": "1" }, { "X-A": "1\r\nEvil: 1" }, { "": "x" }, { "X A": "1" }, { "X-A": 5 }, { "X-A": "a\u0000b" }]) {
				const answer = await post({ config: { url: "http://example.com/", headers } });
				assert.ok(places(answer).every((place) => place.startsWith("config.headers")), JSON.stringify(headers));
			}
		});

		test("headers that are the server's own are refused", async () => {
			for (const name of ["Host", "Content-Length", "content-type", "Transfer-Encoding", "Connection", "X-Versioner-Signature", "X-Versioner-Event", "webhook-id", "Webhook-Signature", "webhook-timestamp"]) {
				const answer = await post({ config: { url: "http://example.com/", headers: { [name]: "0" } } });
				assert.ok(places(answer).every((place) => place.startsWith("config.headers")), name);
			}
		});

		test("an unknown member of a config is named", async () => {
			assert.deepEqual(places(await post({ config: { ...config_of("webhook"), colour: "red" } })), ["config.colour"]);
		});

		test("several mistakes in a config are all named", async () => {
			assert.deepEqual(places(await post({ config: { url: "file:///x", secret: [], headers: 1 } })), ["config.url", "config.secret", "config.headers"]);
		});
	});

	describe("secrets", () => {
		/* keep_secret() has every answer and the log searched for them from here on. */
		test("are masked in every answer, and never in the log", async () => {
			const token = `xoxb-${random_alnum(48)}`, secret = random_alnum(40), header = random_alnum(30), path = `/services/T0/B0/${random_alnum(24)}`;
			const webhook = await create_channel(server, "webhook", { url: world.receiver.url("/secret-place"), secret, headers: { Authorization: header } });
			assert.ok(String(webhook.config.secret).startsWith("****"), JSON.stringify(webhook.config));
			assert.deepEqual(Object.keys(webhook.config.headers), ["Authorization"], "names are shown");
			const bot = await create_channel(server, "slack_bot", { token, channel: "C123" });
			assert.ok(bot.config.token.startsWith("****"));
			assert.equal(bot.config.channel, "C123");
			const hook = await create_channel(server, "slack_webhook", { webhook_url: world.slack.url(path) });
			assert.ok(hook.config.webhook_url.startsWith("http://127.0.0.1"), hook.config.webhook_url);
			const { id } = await deploy(server, {});
			for (const channel of [webhook, bot, hook]) {
				await prefer(server, channel.id, "*");
				await server.post(`${CHANNELS}${channel.id}/test`, {});
				await server.request("PATCH", CHANNELS + channel.id, { body: { name: unique("renamed") } });
				await server.post(CHANNELS, { name: (await channel_of(server, channel.id)).name, channel_type: "webhook", config: { url: world.slack.url(path), secret } });
			}
			world.receiver.always("/secret-place", { status: 404 });
			await deploy(server, {});
			for (const channel of [webhook, bot, hook]) {
				await settled(server, channel.id);
				await remove(server, CHANNELS + channel.id);
			}
			for (const list of [CHANNELS, PREFERENCES, HISTORY]) await list_all(server, list);
			await server.get(`/deployments/${id}`);
			await server.get("/metrics");
		});

		describe("that a destination sends back are not kept", () => {
			const secret = random_alnum(40), header = `Bearer ${random_alnum(40)}`, path = `/services/T0/B0/${random_alnum(24)}`;
			const CASES: [string, string][] = [["a header", header], ["the secret", secret], ["the path of the URL", `Cannot POST ${path}`], ["a header in JSON", JSON.stringify({ headers: { authorization: header } })]];
			for (const [what, said] of CASES) {
				test(what, async () => {
					const { id } = await create_channel(server, "webhook", { url: world.receiver.url(path), secret, headers: { Authorization: header } });
					const product_name = unique("echo");
					await prefer(server, id, "*", { products: [product_name] });
					world.receiver.always(path, { status: 404, body: `${said}: not known here` });
					const tried = await server.post(`${CHANNELS}${id}/test`, undefined);
					assert.match(tried.json.answer, /not known here/);
					await deploy(server, { product_name });
					const row = await only_row(server, id, ({ state }) => state === "dead");
					assert.match((await get_ok(server, HISTORY + row.id)).answer, /not known here/);
				});
			}
		});

		test("are not echoed by a refusal", async () => {
			const secret = random_alnum(40);
			server.keep_secret(secret);
			await post({ config: { url: `http://user:${secret}@example.com/` } });
			await post({ config: { url: `gopher://example.com/${secret}` } });
			await post({ config: { url: `http://example.com/\n${secret}` } });
			await post({ channel_type: "slack_bot", config: { token: `${secret}\r\n`, channel: [] } });
			await post({ config: { url: "http://example.com/", secret: [secret] } });
			await post({ config: { url: "http://example.com/", headers: { "X-A": `${secret}\r\n` } } });
		});

		test("a destination that cannot be reached is not named in full", async () => {
			const path = `/services/T0/B0/${random_alnum(24)}`;
			const channel = await create_channel(server, "slack_webhook", { webhook_url: `http://127.0.0.1:1${path}` });
			const { json } = await server.post(`${CHANNELS}${channel.id}/test`, {});
			assert.equal(json.delivered, false);
		});

		test("the masked form, sent back, means what is stored", async () => {
			const secret = random_alnum(40);
			const target = await world.webhook("*", {}, { secret, headers: { "X-Token": random_alnum(20) } });
			const shown = await channel_of(server, target.id);
			const after = await change(server, CHANNELS + target.id, { name: unique("same"), config: shown.config });
			assert.deepEqual(after.config, shown.config);
			const { id } = await deploy(server, {});
			const request = (await world.receiver.wait(target.path, 1)).find((r) => r.json.id === id)!;
			assert_signed(request, secret);
			assert.ok(!String(request.headers["x-token"]).includes("*"));
		});
	});

	describe("changing", () => {
		test("what is given is changed, all else stays", async () => {
			const created = (await post({})).json;
			const renamed = await change(server, CHANNELS + created.id, { name: unique("renamed") });
			assert.deepEqual({ ...renamed, name: created.name, updated_at: null }, { ...created, updated_at: null });
			const off = await change(server, CHANNELS + created.id, { enabled: false });
			assert.deepEqual({ ...off, enabled: true, updated_at: null }, { ...renamed, updated_at: null });
			assert.deepEqual((await change(server, CHANNELS + created.id, {})).enabled, false);
		});

		test("members of the config that are not given stay; null removes one", async () => {
			const secret = random_alnum(40);
			const target = await world.webhook("deployment.completed", {}, { secret });
			const there = unique("moved");
			await change(server, CHANNELS + target.id, { config: { url: world.receiver.url(`/${there}`) } });
			await deploy(server, {});
			assert_signed((await world.receiver.wait(`/${there}`, 1))[0], secret);
			await change(server, CHANNELS + target.id, { config: { secret: null } });
			await deploy(server, {});
			assert.equal((await world.receiver.wait(`/${there}`, 2))[1].headers["x-versioner-signature"], undefined);
			assert.equal(world.receiver.at(target.path).length, 0);
		});

		test("what is required cannot be removed", async () => {
			const created = (await post({})).json;
			await server.request("PATCH", CHANNELS + created.id, { body: { config: { url: null } } });
			assert.deepEqual((await channel_of(server, created.id)).config, created.config);
			assert.deepEqual(places(await server.request("PATCH", CHANNELS + created.id, { body: { name: "" } })), ["name"]);
		});

		test("wrong ones are named and change nothing", async () => {
			const created = (await post({})).json;
			const body = { name: 5, enabled: "x", config: { url: "file:///etc/passwd" } };
			assert.deepEqual(places(await server.request("PATCH", CHANNELS + created.id, { body })), ["name", "config.url", "enabled"].filter(Boolean));
			const shown = await channel_of(server, created.id);
			for (const name of Object.keys(created)) assert.deepEqual(shown[name], created[name], name);
		});

		test("a type stays what it is", async () => {
			const created = (await post({})).json;
			const answer = await server.request("PATCH", CHANNELS + created.id, { body: { channel_type: "email" } });
			assert.ok([200, 422].includes(answer.status), answer.text);
			assert.equal((await channel_of(server, created.id)).channel_type, "webhook");
		});
	});

	test("what is not there is 404", async () => {
		for (const id of [NOBODY, "x", "..", "%00"]) {
			assert.equal((await server.get(CHANNELS + id)).status === 404 || id !== NOBODY, true);
			for (const [method, target, body] of [["GET", CHANNELS + id, undefined], ["PATCH", CHANNELS + id, {}], ["DELETE", CHANNELS + id, undefined], ["POST", `${CHANNELS}${id}/test`, {}]] as const) {
				if (id === ".." || id === "%00") continue;
				assert_error(await server.request(method, target, { body }), 404, NOT_FOUND);
			}
		}
		const created = (await post({})).json;
		await remove(server, CHANNELS + created.id);
		assert.equal((await server.request("DELETE", CHANNELS + created.id)).status, 404);
	});

	test("other methods are 405", async () => {
		const answer = await server.request("PUT", CHANNELS, { body: {} });
		assert.equal(answer.status, 405);
		assert.match(answer.headers.allow!, /POST/);
		assert.equal((await server.get(`${CHANNELS}${NOBODY}/test`)).status, 405);
	});

	test("lists have pages and filters", async () => {
		const made = [];
		for (let i = 0; i < 5; i++) made.push((await post({})).json.id);
		const first = await server.get(`${CHANNELS}?limit=2`);
		assert.deepEqual(first.json.items.map((c: any) => c.id), [made[4], made[3]], "newest first");
		assert.match(String(first.headers.link), /rel="next"/);
		const second = await get_ok(server, `${CHANNELS}?limit=2&cursor=${first.json.next_cursor}`);
		assert.deepEqual(second.items.map((c: any) => c.id), [made[2], made[1]]);
		assert.equal((await server.get(`${CHANNELS}?limit=0`)).status, 400);
		assert.equal((await server.get(`${CHANNELS}?colour=red`)).status, 400);
	});
});

describe("the test button", () => {
	const world = use_world({ args: ["--outgoing-timeout", "1s"] });
	const { server, receiver, slack, mail } = world;
	const try_it = async (id: string): Promise<any> => {
		const answer = await server.post(`/notification-channels/${id}/test`, undefined);
		assert.equal(answer.status, 200, answer.text);
		assert.deepEqual(Object.keys(answer.json), ["delivered", "status", "answer", "duration_ms"]);
		assert.ok(typeof answer.json.duration_ms === "number" && answer.json.duration_ms >= 0);
		return answer.json;
	};

	for (const type of CHANNEL_TYPES) {
		test(`${type}: sends a sample now, and says what the destination said`, { skip: type === "email" ? NO_MAIL : false }, async () => {
			const target = await world.channel(type);
			receiver.always(target.path, { status: 202, body: "taken, thank you" });
			const said = await try_it(target.id);
			assert.equal(said.delivered, true, JSON.stringify(said));
			assert.equal(said.status, { slack_webhook: 200, slack_bot: 200, webhook: 202, msteams: 202, email: 250 }[type]);
			if (type === "webhook") assert.equal(said.answer, "taken, thank you");
			if (type === "slack_webhook") assert.equal((await slack.wait(target.path, 1)).length, 1);
			else if (type === "slack_bot") assert.equal(slack.posted_to(target.place).length, 1);
			else if (type === "email") await mail.wait(target.address, 1);
			else assert.equal(receiver.at(target.path).length, 1);
			assert.deepEqual(await history(server, { channel: target.id }), [], "a sample is no notification");
		});
	}

	test("of a webhook is signed, and its body is like any other", async () => {
		const secret = random_alnum(40);
		const target = await world.channel("webhook", {}, { secret });
		await try_it(target.id);
		assert_signed(receiver.at(target.path)[0], secret);
		assert.ok("product_name" in receiver.at(target.path)[0].json);
	});

	test("works for a channel that is switched off, before it is enabled", async () => {
		const target = await world.channel("webhook", { enabled: false });
		assert.equal((await try_it(target.id)).delivered, true);
	});

	test("a destination that refuses: its status and its words", async () => {
		for (const status of [301, 400, 404, 410, 429, 500, 503]) {
			const target = await world.channel("webhook");
			receiver.always(target.path, { status, body: `no, ${status}`, headers: status === 301 ? { location: receiver.url("/elsewhere") } : {} });
			const said = await try_it(target.id);
			assert.deepEqual([said.delivered, said.status, said.answer], [false, status, `no, ${status}`]);
			assert.equal((await channel_of(server, target.id)).enabled, true, "a sample switches nothing off");
			assert.equal(receiver.at(target.path).length, 1, "it is not tried again");
		}
		assert.equal(receiver.at("/elsewhere").length, 0, "no redirect is followed");
	});

	test("Slack's words", async () => {
		const hook = await world.channel("slack_webhook");
		slack.script(hook.path, { status: 404, body: "no_service" });
		const said = await try_it(hook.id);
		assert.deepEqual([said.delivered, said.status, said.answer], [false, 404, "no_service"]);
		const bot = await world.channel("slack_bot");
		slack.script("/api/chat.postMessage", { status: 200, headers: { "content-type": "application/json" }, body: '{"ok":false,"error":"channel_not_found"}' });
		const bot_said = await try_it(bot.id);
		assert.equal(bot_said.delivered, false);
		assert.ok(bot_said.answer.includes("channel_not_found"));
	});

	test("a destination that hangs, breaks off, or is not there", async () => {
		for (const act of ["hang", "reset"] as const) {
			const target = await world.channel("webhook");
			receiver.always(target.path, { act });
			const said = await try_it(target.id);
			assert.deepEqual([said.delivered, said.status || null], [false, null]);
			assert.ok(said.answer.length > 0, "why");
		}
		const nowhere = await world.channel("webhook", {}, { url: "http://127.0.0.1:1/" });
		assert.equal((await try_it(nowhere.id)).delivered, false);
		const unknown = await world.channel("webhook", {}, { url: "http://no-such-host.invalid/" });
		assert.equal((await try_it(unknown.id)).delivered, false);
	});

	test("a long answer is cut", async () => {
		const target = await world.channel("webhook");
		receiver.always(target.path, { status: 200, body: "ü".repeat(100_000) });
		const said = await try_it(target.id);
		assert.ok(said.delivered && said.answer.length > 0 && Buffer.byteLength(said.answer) <= 1024, `${said.answer.length}`);
		assert.match(said.answer, /^ü+…?$/);
	});

	test("an answer of any bytes is shown as valid text", async () => {
		const target = await world.channel("webhook");
		receiver.always(target.path, { status: 200, body: Buffer.from([0x41, 0xff, 0xfe, 0x00, 0x1b, 0xc3, 0x42]) });
		assert.equal((await try_it(target.id)).delivered, true);
	});

	test("many at once are all answered", async () => {
		const target = await world.channel("webhook");
		receiver.always(target.path, { status: 200, delay: 50 });
		const answers = await Promise.all(Array.from({ length: 20 }, () => server.post(`/notification-channels/${target.id}/test`, undefined)));
		for (const answer of answers) assert.ok([200, 503].includes(answer.status), answer.text);
		assert.ok(answers.some((answer) => answer.status === 200 && answer.json.delivered));
	});
});

describe("a server without mail", () => {
	test("says so when a channel of mail is made or tried", async () => {
		await with_world({ mail: false }, async (world) => {
			const made = await world.server.post("/notification-channels/", { name: "m", channel_type: "email", config: { to: ["a@example.com"] } });
			if (made.status === 422) return assert.match(made.text, /smtp|mail/i);
			assert.equal(made.status, 201, made.text);
			const said = await world.server.post(`/notification-channels/${made.json.id}/test`, undefined);
			assert.equal(said.status, 200, said.text);
			assert.equal(said.json.delivered, false);
			assert.match(said.json.answer, /mail|smtp/i);
		});
	});
});

describe("who may", () => {
	const world = use_world({ mail: false });
	const { server } = world;
	const ROUTES: [method: string, path: string, body?: unknown][] = [
		["GET", CHANNELS], ["POST", CHANNELS, {}], ["GET", CHANNELS + NOBODY], ["PATCH", CHANNELS + NOBODY, {}], ["DELETE", CHANNELS + NOBODY], ["POST", `${CHANNELS}${NOBODY}/test`],
		["GET", PREFERENCES], ["POST", PREFERENCES, {}], ["GET", PREFERENCES + NOBODY], ["PATCH", PREFERENCES + NOBODY, {}], ["DELETE", PREFERENCES + NOBODY],
		["POST", `${HISTORY}${NOBODY}/retry`],
	];
	const READABLE = [HISTORY, HISTORY + NOBODY];

	test("integration.write is what keys of scope events or read do not have: 403", async () => {
		for (const scope of ["events", "read"]) {
			const key = await create_key(server, scope);
			for (const [method, path, body] of ROUTES) assert_error(await server.request(method, path, { key, body }), 403, FORBIDDEN);
		}
	});

	test("the history is for readers", async () => {
		const reader = await create_key(server, "read"), sender = await create_key(server, "events");
		assert.equal((await server.get(HISTORY, { key: reader })).status, 200);
		assert_error(await server.get(HISTORY + NOBODY, { key: reader }), 404, NOT_FOUND);
		for (const path of READABLE) assert_error(await server.get(path, { key: sender }), 403, FORBIDDEN);
	});

	test("without credentials all of it is 401", async () => {
		for (const [method, path, body] of [...ROUTES, ...READABLE.map((p): [string, string, unknown] => ["GET", p, undefined])]) assert_error(await server.request(method, path, { key: null, body }), 401, UNAUTHENTICATED);
	});
});

describe("what many may ask for", () => {
	const world = use_world({ mail: false });
	const { server, receiver } = world;
	test("a hundred channels are told of one event, side by side", async () => {
		const slow: Answerer = () => ({ status: 200, delay: 200 });
		receiver.always("", slow);
		const product_name = unique("popular");
		const targets = await Promise.all(Array.from({ length: 100 }, () => world.webhook("*", { products: [product_name] })));
		await deploy(server, { product_name });
		for (const target of targets) assert.equal((await receiver.wait(target.path, 1)).length, 1);
		assert.ok(receiver.most_under_way() > 1, "several at once");
	});
});
