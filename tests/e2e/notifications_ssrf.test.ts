/* Where requests may go: without --allow-private-destinations nothing that a person who holds a key names reaches this machine or its network. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { deploy, Fields } from "./api";
import { only_row, prefer, use_world } from "./notifications";
import { unique } from "./server";

describe("destinations that are refused", () => {
	const world = use_world({ open: false, mail: false, args: ["--outgoing-timeout", "2s"] });
	const { server, receiver, slack } = world;

	/* Refused when the channel is made, with 422 that names the field; or at the test and at delivery, with a reason. Nothing arrives. */
	async function refused(channel_type: string, field: string, url: string): Promise<void> {
		const config: Fields = { [field]: url };
		const made = await server.post("/notification-channels/", { name: unique("evil"), channel_type, config, enabled: true });
		if (made.status === 422) {
			assert.deepEqual(made.json.detail.map((d: any) => d.loc.join(".")), [`body.config.${field}`], made.text);
		} else {
			assert.equal(made.status, 201, made.text);
			const tried = await server.post(`/notification-channels/${made.json.id}/test`, undefined);
			assert.equal(tried.status, 200, tried.text);
			assert.equal(tried.json.delivered, false, tried.text);
			assert.ok(tried.json.answer.length > 0, "a reason");
			const product_name = unique("evil");
			await prefer(server, made.json.id, "*", { products: [product_name] });
			await deploy(server, { product_name });
			const row = await only_row(server, made.json.id, (r) => r.state !== "waiting" || r.attempts > 0);
			assert.notEqual(row.state, "delivered");
			assert.ok(row.answer?.length > 0, "a reason");
			assert.equal((await server.request("DELETE", `/notification-channels/${made.json.id}`)).status, 204);
		}
		assert.deepEqual([receiver.received.length, slack.received.length], [0, 0], `${url} was reached`);
	}

	const HOSTS = ["127.0.0.1", "localhost", "LOCALHOST", "localhost.", "2130706433", "0177.0.0.1", "0x7f000001", "0x7f.1", "127.1", "127.0.1", "127.000.000.001", "0", "0.0.0.0",
		"[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:0001]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "127.0.0.1.", "①②⑦.⓪.⓪.①",
		"%31%32%37.0.0.1", "127.0.0.1%00.example.com", "[::1%25lo]", "[::1%lo]", "[fe80::1%25lo]", "[::ffff:0:127.0.0.1]"];
	for (const host of HOSTS) test(`http://${host}`, () => refused("webhook", "url", `http://${host}:${receiver.port}/x`));

	/* No answer is to be had from these anyway: an address that is refused is so at once, long before the deadline of a request. */
	const NETWORKS = ["169.254.169.254", "169.254.170.2", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1", "100.100.100.200", "224.0.0.1",
		"255.255.255.255", "192.0.0.192", "[fd00::1]", "[fe80::1]", "[ff02::1]", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "2852039166"];
	for (const host of NETWORKS) {
		test(`http://${host}: refused by its address`, async () => {
			const made = await server.post("/notification-channels/", { name: unique("evil"), channel_type: "webhook", config: { url: `http://${host}/latest/meta-data/` } });
			if (made.status === 422) return assert.match(made.text, /config.{0,3}url/);
			assert.equal(made.status, 201);
			const tried = await server.post(`/notification-channels/${made.json.id}/test`, undefined);
			assert.equal(tried.json.delivered, false);
			assert.match(tried.json.answer, /not allowed|refused|forbidden|private|address/i);
			assert.ok(tried.json.duration_ms < 1_900, "before any connection");
		});
	}

	const FORMS = ["file:///etc/passwd", "gopher://127.0.0.1:PORT/_x", "ftp://127.0.0.1:PORT/x", "dict://127.0.0.1:PORT/x", "ldap://127.0.0.1:PORT/", "smtp://127.0.0.1:PORT/", "telnet://127.0.0.1:PORT/",
		"scp://127.0.0.1:PORT/", "unix:///var/run/docker.sock", "HTTP+unix://x", "//127.0.0.1:PORT/x", "127.0.0.1:PORT/x", "http:127.0.0.1:PORT", "http:///127.0.0.1:PORT/", "http://user:pass@example.com/",
		"http://user@example.com/", "http://example.com@127.0.0.1:PORT/", "http://127.0.0.1:PORT#@example.com/", "http://127.0.0.1:PORT\\@example.com/", "http://example.com\\@127.0.0.1:PORT/",
		"http://example.com:99999/", "http://exa mple.com/", "http://[::1/", "http://example.com/\r\nHost: x", "javascript:alert(1)", "data:,x", "", "http://", "http://?x", "jar:http://127.0.0.1:PORT!/"];
	for (const form of FORMS) {
		test(`${JSON.stringify(form)} is no destination`, async () => {
			for (const [type, field] of [["webhook", "url"], ["slack_webhook", "webhook_url"], ["msteams", "webhook_url"]])
				await refused(type, field, form.replace("PORT", String(receiver.port)));
		});
	}

	test("schemes that are none of http and https are refused when the channel is made", async () => {
		for (const url of ["file:///etc/passwd", "gopher://example.com/", "ftp://example.com/", "http://user:pass@example.com/"]) {
			const made = await server.post("/notification-channels/", { name: unique("evil"), channel_type: "webhook", config: { url } });
			assert.equal(made.status, 422, url);
			assert.deepEqual(made.json.detail[0].loc.join("."), "body.config.url");
		}
	});

	test("a change is held to the same", async () => {
		const { json } = await server.post("/notification-channels/", { name: unique("good"), channel_type: "webhook", config: { url: "http://example.com/" } });
		const answer = await server.request("PATCH", `/notification-channels/${json.id}`, { body: { config: { url: "file:///etc/passwd" } } });
		assert.equal(answer.status, 422);
	});
});

describe("destinations that are allowed by CIDR", () => {
	const world = use_world({ open: false, mail: false, args: ["--allow-private-destinations", "127.0.0.1/32", "--outgoing-timeout", "2s"], env: { http_proxy: "http://127.0.0.2:9", HTTP_PROXY: "http://127.0.0.2:9", ALL_PROXY: "http://127.0.0.2:9" } });
	const { server, receiver } = world;

	test("are reached, without the proxy of the environment; all others are not", async () => {
		const made = async (url: string): Promise<any> => (await server.post("/notification-channels/", { name: unique("cidr"), channel_type: "webhook", config: { url } }));
		const good = await made(receiver.url("/good"));
		assert.equal(good.status, 201, good.text);
		assert.equal((await server.post(`/notification-channels/${good.json.id}/test`, undefined)).json.delivered, true);
		for (const url of [`http://127.0.0.2:${receiver.port}/`, `http://[::1]:${receiver.port}/`, "http://10.0.0.1/"]) {
			const bad = await made(url);
			if (bad.status === 201) assert.equal((await server.post(`/notification-channels/${bad.json.id}/test`, undefined)).json.delivered, false, url);
			else assert.equal(bad.status, 422);
		}
	});

	test("a redirect is not followed, wherever it points", async () => {
		for (const [i, location] of [receiver.url("/inside"), "http://127.0.0.2/", "file:///etc/passwd", "//127.0.0.1/"].entries()) {
			receiver.always(`/redirect-${i}`, { status: 302, headers: { location }, body: "over there" });
			const { json } = await server.post("/notification-channels/", { name: unique("redirect"), channel_type: "webhook", config: { url: receiver.url(`/redirect-${i}`) } });
			await prefer(server, json.id, "*", { products: [`redirect-${i}`] });
			await deploy(server, { product_name: `redirect-${i}` });
			const row = await only_row(server, json.id, ({ state }) => state !== "waiting");
			assert.deepEqual([row.state, row.answer_status], ["dead", 302]);
		}
		assert.equal(receiver.at("/inside").length, 0);
	});
});

describe("--allow-private-destinations true", () => {
	const world = use_world({ open: false, mail: false, args: ["--allow-private-destinations", "true"] });
	test("allows this machine by any name", async () => {
		const { server, receiver } = world;
		for (const host of ["127.0.0.1", "localhost"]) {
			const { json } = await server.post("/notification-channels/", { name: unique("all"), channel_type: "webhook", config: { url: `http://${host}:${receiver.port}/${host}` } });
			assert.equal((await server.post(`/notification-channels/${json.id}/test`, undefined)).json.delivered, true);
		}
	});
});
