/* Mail as a destination, and destinations under TLS: of mail and of the web. */
import { after, describe, test } from "node:test";
import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { deploy } from "./api";
import { HAS_OPENSSL, make_certificate } from "./certificate";
import { MailOptions, MailServer, NO_MAIL } from "./mail_server";
import { history, only_row, prefer, run_of, settled, with_world } from "./notifications";
import { sleep, unique } from "./server";

describe("mail", { skip: NO_MAIL }, () => {
	test("the admins are told when a channel is switched off", async () => {
		await with_world({ admin_email: "ops@example.com" }, async (world) => {
			const name = unique("the-hook-of-payments");
			const target = await world.channel("webhook", { name });
			await prefer(world.server, target.id, "*");
			world.receiver.always(target.path, { status: 410, body: "removed" });
			await deploy(world.server, {});
			const [told] = await world.mail.wait("ops@example.com", 1);
			for (const part of [told.plain, told.html]) assert.ok(part.includes(name) && /410|removed/.test(part), part);
			await sleep(500);
			assert.equal(world.mail.to("ops@example.com").length, 1, "once");
			const [about] = (await history(world.server, {})).filter((row) => row.channel_type === "email");
			assert.deepEqual([about.deployment_id, about.build_id], [null, null], "it is about a channel");
		});
	});

	test("recipients that are refused: for good is dead, for now is tried again", async () => {
		await with_world({}, async ({ server, mail }) => {
			const to = async (address: string): Promise<string> => {
				const answer = await server.post("/notification-channels/", { name: unique("mail"), channel_type: "email", config: { to: [address] } });
				assert.equal(answer.status, 201, answer.text);
				await prefer(server, answer.json.id, "*");
				return answer.json.id;
			};
			const [refused, later, once] = [await to("refuse550@example.com"), await to("refuse450@example.com"), await to("once450-a@example.com")];
			await deploy(server, {});
			const dead = await only_row(server, refused, ({ state }) => state !== "waiting");
			assert.deepEqual([dead.state, dead.answer_status], ["dead", 550]);
			assert.match(dead.answer, /no such mailbox/);
			assert.equal((await only_row(server, once, ({ state }) => state !== "waiting")).state, "delivered");
			assert.equal((await mail.wait("once450-a@example.com", 1)).length, 1);
			const waiting = await only_row(server, later, (row) => row.attempts >= 1);
			assert.deepEqual([waiting.state, waiting.answer_status], ["waiting", 450]);
		});
	});

	test("one mail goes to all addresses of the channel", async () => {
		await with_world({}, async ({ server, mail }) => {
			const to = ["a@example.com", "b@example.com", "c@example.com"];
			const { json } = await server.post("/notification-channels/", { name: unique("mail"), channel_type: "email", config: { to } });
			await prefer(server, json.id, "*");
			await deploy(server, {});
			for (const address of to) await mail.wait(address, 1);
			await settled(server, json.id);
			for (const address of to) assert.equal(mail.to(address).length, 1);
		});
	});

	test("a mail server that is down gets them when it is back", async () => {
		await with_world({}, async (world) => {
			const target = await world.channel("email");
			await prefer(world.server, target.id, "*");
			await world.mail.stop();
			await deploy(world.server, {});
			await only_row(world.server, target.id, (row) => row.attempts >= 1);
			await world.mail.start();
			await only_row(world.server, target.id, ({ state }) => state === "delivered");
			await world.mail.wait(target.address, 1);
		});
	});

	test("mails of one deployment make a thread", async () => {
		await with_world({}, async (world) => {
			const target = await world.channel("email");
			await prefer(world.server, target.id, "deployment.*");
			await run_of(world.server, ["started", "success"]);
			const [first, second] = await world.mail.wait(target.address, 2);
			assert.notEqual(first.headers["message-id"], second.headers["message-id"]);
		});
	});
});

describe("mail under TLS", { skip: NO_MAIL || (HAS_OPENSSL ? false : "the program openssl is not installed") }, () => {
	if (NO_MAIL || !HAS_OPENSSL) return;
	const dir = fs.mkdtempSync(path.join(os.tmpdir(), "versioner-mail-"));
	after(() => fs.rmSync(dir, { recursive: true, force: true }));
	const pair = make_certificate(dir, "mail");
	const login = { user: "versioner", password: "p@ss:word/with?signs" };

	async function deliver(mail: MailOptions, args: string[]): Promise<{ row: any; mails: MailServer["messages"] }> {
		let result: any;
		await with_world({ mail, args }, async (world) => {
			if (mail.password) world.server.keep_secret(encodeURIComponent(mail.password));
			if (mail.password) world.server.keep_secret(mail.password);
			const target = await world.channel("email");
			await prefer(world.server, target.id, "*");
			await deploy(world.server, {});
			const row = await only_row(world.server, target.id, (r) => r.attempts >= 1);
			result = { row, mails: world.mail.to(target.address) };
		});
		return result;
	}

	test("STARTTLS with a certificate of --outgoing-ca, and a login", async () => {
		for (const tls of ["auto", "always"]) {
			const { row, mails } = await deliver({ mode: "starttls", ...pair, ...login }, ["--smtp-tls", tls, "--outgoing-ca", pair.cert]);
			assert.equal(row.state, "delivered", row.answer);
			assert.deepEqual(mails.map((m) => [m.tls, m.user]), [[true, "versioner"]]);
		}
	});

	test("smtps:// is under TLS from the first byte", async () => {
		const { row, mails } = await deliver({ mode: "smtps", ...pair }, ["--outgoing-ca", pair.cert]);
		assert.equal(row.state, "delivered", row.answer);
		assert.deepEqual(mails.map((m) => m.tls), [true]);
	});

	test("a certificate that nobody vouches for: nothing is sent", async () => {
		const { row, mails } = await deliver({ mode: "starttls", ...pair, ...login }, ["--smtp-tls", "always"]);
		assert.notEqual(row.state, "delivered");
		assert.equal(mails.length, 0);
	});

	test("no TLS where it is always wanted: nothing is sent, and no password either", async () => {
		for (const args of [["--smtp-tls", "always"], ["--smtp-tls", "auto"]]) {
			const { row, mails } = await deliver({ mode: "plain", ...login }, args);
			assert.notEqual(row.state, "delivered", args.join(" "));
			assert.equal(mails.length, 0);
		}
	});

	test("never means never", async () => {
		const { row, mails } = await deliver({ mode: "plain" }, ["--smtp-tls", "never"]);
		assert.equal(row.state, "delivered", row.answer);
		assert.deepEqual(mails.map((m) => m.tls), [false]);
	});
});

describe("a destination under TLS", { skip: HAS_OPENSSL ? false : "the program openssl is not installed" }, () => {
	test("is spoken to only when its certificate is good", async () => {
		await with_world({ mail: false }, async ({ server }) => {
			const dir = fs.mkdtempSync(path.join(os.tmpdir(), "versioner-https-"));
			const pair = make_certificate(dir, "hook");
			const { createServer } = await import("node:https");
			let requests = 0;
			const https = createServer({ cert: fs.readFileSync(pair.cert), key: fs.readFileSync(pair.key) }, (request, response) => {
				requests++;
				request.resume().on("end", () => response.end("ok"));
			});
			await new Promise<void>((done) => https.listen(0, "127.0.0.1", done));
			const port = (https.address() as any).port;
			const config = { url: `https://localhost:${port}/` };
			const { json: channel } = await server.post("/notification-channels/", { name: unique("tls"), channel_type: "webhook", config });
			const said = await server.post(`/notification-channels/${channel.id}/test`, undefined);
			assert.equal(said.json.delivered, false, said.text);
			assert.equal(requests, 0);
			await server.stop();
			server.options.args!.push("--outgoing-ca", pair.cert);
			await server.start();
			const now = await server.post(`/notification-channels/${channel.id}/test`, undefined);
			assert.equal(now.json.delivered, true, now.text);
			https.close();
			https.closeAllConnections();
			fs.rmSync(dir, { recursive: true, force: true });
		});
	});
});
