/* Each type of event in each type of channel: a real message at a real destination, and what it says. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { build, deploy, event_of, Fields, Kind, read_table, record } from "./api";
import { filled, HOSTILE } from "./hostile_texts";
import { slack_problems, slack_read, slack_shown } from "./slack_limits";
import { Mail, NO_MAIL } from "./mail_server";
import { assert_signed, CHANNEL_TYPES, ChannelType, MAIL_FROM, only_row, prefer, settled, Target, use_world } from "./notifications";
import { random_alnum, unique } from "./server";

const ROWS = read_table("event-types.tsv");
const row_of = (event_type: string): Record<string, string> | undefined => ROWS.find((row) => row.event_type === event_type);
const PRODUCIBLE = [...ROWS.map((row) => row.event_type).filter((type) => /^(deployment|build)\./.test(type) && type !== "deployment.preflight_failed"),
	"deployment.recovered", "deployment.rolled_back"];

const BODY = ["id", "deployed_at", "event_type", "environment", "is_successful", "deployer", "product_name", "version", "repo_name", "commit_sha",
	"preflight_status", "source_url", "event_id", "kind", "previous_version", "duration_seconds", "extra_metadata"];
const SHA = "9f2c1e7a4b5566778899aabbccddeeff00112233";
const TEAMS_MOST = 28 * 1024;

/* The contract's members and ours, in their order; more may be added behind them. */
function assert_members(body: object): void {
	assert.deepEqual(Object.keys(body).slice(0, BODY.length), BODY);
}

/* Everything that an event can say, of a deployment that took 2 min 5 s. */
function full(kind: Kind, product_name: string, version: string): Fields {
	const who = kind === "deployment" ? "deployed_by" : "built_by";
	return {
		product_name, version, scm_sha: SHA, scm_repository: "acme/shop", scm_branch: "main", build_number: "118", build_url: "https://ci.example.com/build/118",
		started_at: "2026-03-01T10:00:00Z", completed_at: "2026-03-01T10:02:05Z", [who]: "ada", [`${who}_email`]: "ada@example.com", [`${who}_name`]: "Ada Lovelace",
		extra_metadata: { team: "payments" }, ...(kind === "deployment" ? { deploy_url: "https://ci.example.com/deploy/7" } : {}),
	};
}

/* The dashboard's pages: builds are shown with their version. */
const page_of = (sent: any): string =>
	sent.event_type.startsWith("build.") ? `http://versioner.test/manage/versions?view=${sent.version_id}` : `http://versioner.test/manage/deployments?view=${sent.id}`;

const FAILURE = { error_message: "disk <full> & gone", error_code: "E_DISK" };

describe("messages", () => {
	const world = use_world();
	const { server, receiver, slack, mail } = world;

	/* Provokes the event, once everything before it is done, and gives the record. */
	async function provoke(event_type: string, product_name: string, ask: () => Promise<unknown>): Promise<any> {
		const [kind, what] = event_type.split(".") as [Kind, string];
		const version = unique("v");
		const before: Fields[] = { recovered: [{ version: "0.9", status: "failed" }], rolled_back: [{ version }, { version: "2.0" }] }[what] ?? [{ version: "0.9" }];
		if (kind === "deployment") for (const [i, fields] of before.entries()) await deploy(server, { product_name, completed_at: `2026-02-0${i + 1}T00:00:00Z`, ...fields });
		await ask();
		const status = { recovered: "completed", rolled_back: "completed" }[what] ?? what;
		return record(server, kind, { ...full(kind, product_name, version), status, ...(what === "failed" ? FAILURE : {}) });
	}

	function assert_webhook(target: Target, event_type: string, sent: any): void {
		const [request] = receiver.at(target.path);
		const body = request.json;
		assert.equal(request.method, "POST");
		assert.match(request.headers["content-type"]!, /^application\/json/);
		assert.equal(request.headers["x-versioner-event"], event_type);
		assert_members(body);
		assert.doesNotMatch(request.text.replace(/"(?:[^"\\]|\\.)*"/g, '""'), /\s/, "compact JSON");
		const said = row_of(event_type)?.is_successful ?? "true";
		const is_deployment = event_type.startsWith("deployment.");
		assert.deepEqual([body.id, body.event_id, body.event_type, body.product_name, body.version], [sent.id, sent.event_id, event_type, sent.product_name, sent.version]);
		assert.equal(body.is_successful, { true: true, false: false, null: null }[said]);
		assert.equal(body.environment, is_deployment ? "production" : null);
		assert.deepEqual([body.commit_sha, body.repo_name, body.preflight_status], [SHA, "acme/shop", null]);
		assert.ok(["ada", "Ada Lovelace"].includes(body.deployer), body.deployer);
		if (is_deployment) assert.equal(body.deployed_at, sent.deployed_at);
		assert.match(body.deployed_at, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
		assert.deepEqual(body.extra_metadata, { team: "payments" });
		const final = /completed|failed|aborted|recovered|rolled_back/.test(event_type);
		assert.equal(body.duration_seconds, final ? 125 : null);
		if (body.source_url !== null) assert.ok(URL.canParse(body.source_url), body.source_url);
		if (event_type === "deployment.rolled_back") assert.deepEqual([body.kind, body.previous_version], ["rollback", "2.0"]);
	}

	function assert_words(shown: string, event_type: string, sent: any, where: string): void {
		const row = row_of(event_type);
		if (row) assert.ok(shown.includes(row.headline), `${where}: no headline "${row.headline}":\n${shown}`);
		for (const word of [sent.product_name, sent.version, "Ada Lovelace", "main", SHA.slice(0, 7)]) assert.ok(shown.includes(word), `${where}: no ${word} in\n${shown}`);
		if (event_type.startsWith("deployment.")) assert.ok(shown.includes("production"), `${where}: no environment in\n${shown}`);
		if (/completed|failed|aborted|recovered|rolled_back/.test(event_type)) assert.ok(shown.includes("2 min 5 s"), `${where}: no duration in\n${shown}`);
		if (event_type.endsWith(".failed")) for (const word of ["disk", "gone", "E_DISK"]) assert.ok(shown.includes(word), `${where}: no ${word} in\n${shown}`);
		assert.ok(shown.includes(page_of(sent)), `${where}: no link to the page in\n${shown}`);
	}

	function assert_slack(message: any, event_type: string, sent: any): void {
		const shown = slack_read(message);
		assert_words(shown, event_type, sent, "Slack");
		assert.ok(message.text.includes(sent.version), `the preview says what it is: ${message.text}`);
		const blocks: any[] = [...(message.blocks ?? []), ...(message.attachments ?? []).flatMap((a: any) => a.blocks ?? [])];
		const row = row_of(event_type);
		const header = blocks.find((block) => block.type === "header");
		assert.ok(header, "a header");
		if (row) assert.ok(header.text.text.includes(row.icon) && header.text.text.includes(row.headline), header.text.text);
		const buttons: any[] = blocks.filter((block) => block.type === "actions").flatMap((block) => block.elements);
		const view = buttons.find((button) => button.text.text === "View");
		assert.equal(view?.url, page_of(sent), JSON.stringify(buttons));
		const logs = buttons.find((button) => button.text.text === "Logs");
		assert.ok(logs && /^https:\/\/ci\.example\.com\/(deploy\/7|build\/118)$/.test(logs.url), JSON.stringify(buttons));
		if (!event_type.endsWith(".failed")) return;
		assert.ok(slack_shown(message).includes("disk &lt;full&gt; &amp; gone"), "escaped for mrkdwn");
		assert.match(slack_shown(message), /```[^`]*disk[^`]*```/, "the error stands in a code block");
	}

	function assert_card(target: Target, event_type: string, sent: any): void {
		const [request] = receiver.at(target.path);
		assert.ok(request.bytes.length <= TEAMS_MOST, `${request.bytes.length} bytes`);
		assert.equal(request.json.type, "message");
		const [attachment] = request.json.attachments;
		assert.equal(attachment.contentType, "application/vnd.microsoft.card.adaptive");
		assert.equal(attachment.content.type, "AdaptiveCard");
		assert.match(attachment.content.version, /^1\.\d$/);
		assert.ok(attachment.content.body.length > 0);
		assert_words(JSON.stringify(attachment.content).replace(/\\"/g, '"'), event_type, sent, "Teams");
	}

	function assert_mail(m: Mail, target: Target, event_type: string, sent: any): void {
		assert.equal(m.headers.from, MAIL_FROM);
		assert.ok(m.headers.to.includes(target.address));
		assert.equal(m.mail_from, "versioner@example.com");
		for (const word of [sent.product_name, sent.version]) assert.ok(m.headers.subject.includes(word), m.headers.subject);
		assert_words(m.plain, event_type, sent, "plain part");
		const visible = m.html.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
		assert_words(visible, event_type, sent, "HTML part");
		assert.ok(!m.html.includes("<full>"), "the HTML part is escaped");
	}

	async function arrived(type: ChannelType, target: Target): Promise<any> {
		switch (type) {
			case "slack_webhook": return (await slack.wait(target.path, 1))[0].json;
			case "slack_bot": return slack.posted_to(target.place)[0]?.versions[0];
			case "email": return (await mail.wait(target.address, 1))[0];
			default: return receiver.wait(target.path, 1);
		}
	}

	for (const type of CHANNEL_TYPES) {
		describe(type, { skip: type === "email" ? NO_MAIL : false }, () => {
			for (const event_type of PRODUCIBLE) {
				test(event_type, async () => {
					const product_name = unique("shop");
					const target = await world.channel(type);
					const sent = await provoke(event_type, product_name, () => prefer(server, target.id, event_type, { products: [product_name] }));
					const row = await only_row(server, target.id, ({ state }) => state !== "waiting");
					assert.deepEqual([row.state, row.event_type, row.attempts], ["delivered", event_type, 1], JSON.stringify(row));
					const message = await arrived(type, target);
					if (type === "webhook") assert_webhook(target, event_type, sent);
					else if (type === "msteams") assert_card(target, event_type, sent);
					else if (type === "email") assert_mail(message, target, event_type, sent);
					else assert_slack(message, event_type, sent);
				});
			}
		});
	}

	describe("signatures", () => {
		for (const secret of [random_alnum(32), `whsec_${Buffer.from(random_alnum(32)).toString("base64")}`, "whsec_!not base64!", "short", "ключ 🔑 ".repeat(3).trim()]) {
			test(`with the secret ${secret}`, async () => {
				const target = await world.webhook("deployment.completed", {}, { secret });
				receiver.script(target.path, { status: 503 });
				await deploy(server, full("deployment", unique("signed"), "1 – ü"));
				const [first, second] = await receiver.wait(target.path, 2);
				if (!secret.includes("!")) for (const request of [first, second]) assert_signed(request, secret);
				assert.equal(first.headers["webhook-id"], second.headers["webhook-id"], "stable over retries");
				assert.ok(first.bytes.equals(second.bytes), "the same body");
				assert.ok(Number(second.headers["webhook-timestamp"]) >= Number(first.headers["webhook-timestamp"]), "of the attempt");
			});
		}

		test("without a secret there is no signature", async () => {
			const target = await world.webhook("deployment.completed");
			await deploy(server, {});
			const [{ headers }] = await receiver.wait(target.path, 1);
			assert.equal(headers["x-versioner-signature"], undefined);
			assert.equal(headers["webhook-signature"], undefined);
		});

		test("two events have two ids", async () => {
			const target = await world.webhook("deployment.*");
			await deploy(server, {});
			await deploy(server, {});
			const [one, other] = await receiver.wait(target.path, 2);
			assert.notEqual(one.headers["webhook-id"], other.headers["webhook-id"]);
		});

		test("headers of the config are sent along", async () => {
			const target = await world.webhook("*", {}, { headers: { "X-Team": "payments", Authorization: "Bearer of-the-receiver" } });
			await deploy(server, {});
			const [{ headers }] = await receiver.wait(target.path, 1);
			assert.deepEqual([headers["x-team"], headers.authorization], ["payments", "Bearer of-the-receiver"]);
		});
	});

	describe("what only a part of is known", () => {
		test("a webhook's body has null for it", async () => {
			const target = await world.webhook("build.completed");
			const sent = await build(server, {});
			const [{ json }] = await receiver.wait(target.path, 1);
			assert_members(json);
			for (const name of ["environment", "is_successful", "deployer", "repo_name", "commit_sha", "preflight_status", "previous_version", "extra_metadata"])
				assert.equal(json[name], null, name);
			assert.equal(json.id, sent.id);
		});

		test("who: the name, else the login, else the e-mail", async () => {
			const cases: [Fields, string][] = [
				[{ deployed_by: "ada", deployed_by_email: "ada@example.com", deployed_by_name: "Ada Lovelace" }, "Ada Lovelace"],
				[{ deployed_by: "ada-login", deployed_by_email: "mail@example.com" }, "ada-login"],
				[{ deployed_by_email: "only-mail@example.com" }, "only-mail@example.com"],
			];
			for (const [who, shown] of cases) {
				const target = await world.channel("slack_webhook");
				await prefer(server, target.id, "*");
				await deploy(server, who);
				const [{ json }] = await slack.wait(target.path, 1);
				assert.ok(slack_read(json).includes(shown), slack_read(json));
			}
		});
	});

	describe("the error of a failure", () => {
		async function failed(fields: Fields): Promise<string> {
			const target = await world.channel("slack_webhook");
			const product_name = unique("broken");
			await prefer(server, target.id, "deployment.failed", { products: [product_name] });
			await deploy(server, { product_name, status: "failed", ...fields });
			return slack_read((await slack.wait(target.path, 1))[0].json);
		}

		test("is that of extra_metadata.error, with the stack trace left out", async () => {
			const stack = "Traceback-of-secret-frames\n  at main (app.js:1:1)";
			for (const error of [{ message: "the message", stack_trace: stack }, { message: "the message", stack }, { message: "the message", traceback: stack }]) {
				const shown = await failed({ extra_metadata: { error } });
				assert.ok(shown.includes("the message"), shown);
				assert.ok(!shown.includes("Traceback-of-secret-frames"), shown);
			}
			assert.ok((await failed({ extra_metadata: { error: "as a text" } })).includes("as a text"));
		});

		test("is error_message and error_code", async () => {
			const shown = await failed({ error_message: "it broke\nin two lines", error_code: "E42" });
			assert.match(shown, /```[^`]*it broke\nin two lines[^`]*```/);
			assert.ok(shown.includes("E42"));
		});

		test("cannot leave its code block", async () => {
			const shown = await failed({ error_message: "```\n*bold* <!channel> ```` `" });
			assert.ok(!shown.includes("```\n*bold*"), shown);
		});
	});

	describe("the Slack bot", () => {
		test("one message for each deployment, changed in place as it moves from queued to done; details in its thread", async () => {
			const target = await world.channel("slack_bot");
			await prefer(server, target.id, "deployment.*");
			const given = { product_name: unique("shop"), invoke_id: "1" };
			for (const [i, status] of ["pending", "started", "failed"].entries()) {
				await deploy(server, { ...given, status, ...(status === "failed" ? { error_message: "no room on the disk" } : {}) });
				const rows = await settled(server, target.id);
				assert.deepEqual(rows.map((row) => row.state), Array(i + 1).fill("delivered"), JSON.stringify(rows));
				const [message] = slack.posted_to(target.place);
				const headline = row_of(`deployment.${status}`)!.headline;
				assert.ok(slack_read(message.versions.at(-1)).includes(headline), `changed to ${headline}`);
			}
			const posted = slack.posted_to(target.place);
			assert.equal(posted.length, 1);
			const thread = slack.thread_of(posted[0]);
			assert.ok(thread.length >= 1, "a thread");
			const everything = [posted[0].versions.at(-1), ...thread.map((m) => m.versions[0])].map((m) => slack_read(m) + m.text).join("\n");
			assert.ok(everything.includes("no room on the disk"), everything);
		});

		test("another deployment has a message of its own", async () => {
			const target = await world.channel("slack_bot");
			await prefer(server, target.id, "deployment.completed");
			for (let i = 0; i < 3; i++) await deploy(server, {});
			await settled(server, target.id);
			assert.equal(slack.posted_to(target.place).length, 3);
		});
	});

	describe("hostile contents", () => {
		const LONG = 255;

		function hostile_event(text: string, status: string): Fields {
			const most = (length: number): string => filled(text, length);
			return {
				product_name: `${unique("h")} ${most(LONG - 30)}`, version: most(LONG), environment_name: most(LONG), status, scm_branch: most(LONG), scm_repository: most(512),
				scm_sha: most(128), build_number: most(LONG), source_system: most(64), deployed_by: most(LONG), deployed_by_name: most(LONG), deployed_by_email: most(LONG),
				error_message: most(4096), error_code: most(LONG), build_url: `https://ci.example.com/${encodeURIComponent(most(60))}`,
				deploy_url: `https://ci.example.com/"><b>&|${"x".repeat(1900)}`, extra_metadata: { error: { message: most(20_000) }, more: most(1000) },
			};
		}

		for (const [name, text] of Object.entries(HOSTILE)) {
			test(`${name}: every channel is told in a form that it takes`, async () => {
				const targets = await Promise.all(CHANNEL_TYPES.filter((type) => type !== "email" || !NO_MAIL).map(async (type) => ({ type, target: await world.channel(type) })));
				for (const { target } of targets) await prefer(server, target.id, "deployment.*");
				for (const status of ["started", "failed"]) {
					const answer = await server.post("/deployment-events/", hostile_event(text, status));
					assert.equal(answer.status, 200, answer.text);
				}
				for (const { type, target } of targets) {
					const rows = await settled(server, target.id);
					assert.deepEqual(rows.map((row) => row.state), ["delivered", "delivered"], `${type}: ${JSON.stringify(rows.map((row) => row.answer))}`);
					if (type === "msteams") for (const request of receiver.at(target.path)) assert.ok(request.json && request.bytes.length <= TEAMS_MOST, `${request.bytes.length} bytes`);
					if (type === "webhook") for (const request of receiver.at(target.path)) assert_members(request.json);
					if (type === "email") for (const m of await mail.wait(target.address, 2)) assert.ok(!/<script|<img[^>]*onerror|<!channel/.test(m.html), m.html);
				}
				assert.deepEqual(slack.problems.splice(0), []);
				for (const { type, target } of targets) await server.request("DELETE", `/notification-channels/${target.id}`).then((a) => assert.equal(a.status, 204, type));
			});
		}

		test("a webhook gets texts as they were sent", async () => {
			const target = await world.webhook("deployment.*");
			for (const text of Object.values(HOSTILE)) {
				const event = hostile_event(text, "failed");
				const sent = await deploy(server, event);
				const requests = await receiver.wait(target.path, 1);
				await settled(server, target.id);
				const { json } = requests.find((r) => r.json.id === sent.id) ?? receiver.at(target.path).find((r) => r.json.id === sent.id)!;
				assert.deepEqual([json.product_name, json.version, json.extra_metadata], [sent.product_name, sent.version, event.extra_metadata]);
			}
		});

		test("a wide extra_metadata of 128 KiB passes each channel", async () => {
			const product_name = unique("wide");
			const targets = await Promise.all((["slack_webhook", "webhook", "msteams"] as const).map((type) => world.channel(type)));
			for (const target of targets) await prefer(server, target.id, "deployment.failed", { products: [product_name] });
			await deploy(server, { product_name, status: "failed", extra_metadata: { error: "&".repeat(60_000), wide: Array(20_000).fill(1) } });
			for (const target of targets) assert.equal((await only_row(server, target.id, ({ state }) => state !== "waiting")).state, "delivered");
			const card = receiver.at(targets[2].path)[0];
			assert.ok(card.bytes.length <= TEAMS_MOST, `${card.bytes.length} bytes`);
		});

		test("links that are none are no buttons", async () => {
			for (const url of ["javascript:alert(1)", "file:///etc/passwd", "http://a b", "https://x.example/\"><script>", "data:text/html,x"]) {
				const target = await world.channel("slack_webhook");
				const product_name = unique("link");
				await prefer(server, target.id, "*", { products: [product_name] });
				const answer = await server.post("/deployment-events/", event_of("deployment", { product_name, deploy_url: url, build_url: url }));
				if (answer.status !== 200) continue;
				const [{ bytes, text }] = await slack.wait(target.path, 1);
				assert.deepEqual(slack_problems(bytes), []);
				if (!url.startsWith("https")) assert.ok(!text.includes(JSON.stringify(url)), text);
			}
		});
	});
});
