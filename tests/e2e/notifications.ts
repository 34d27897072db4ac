/* Servers with destinations to tell, and what the tests of notifications say in one line. */
import { strict as assert } from "node:assert";
import { createHmac } from "node:crypto";
import { after, before } from "node:test";
import { deploy, Fields, list_all } from "./api";
import { FakeSlack } from "./fake_slack";
import { MailOptions, MailServer, NO_MAIL } from "./mail_server";
import { Receiver, Received, until } from "./receivers";
import { Answer, random_alnum, Server, ServerOptions, unique } from "./server";

export const MAIL_FROM = "Versioner <versioner@example.com>";
export const CHANNEL_TYPES = ["slack_webhook", "slack_bot", "webhook", "email", "msteams"] as const;
export type ChannelType = (typeof CHANNEL_TYPES)[number];

export interface WorldOptions extends ServerOptions {
	open?: boolean; /* requests to this machine are allowed; default true */
	mail?: MailOptions | false; /* default: a plain mail server */
	admin_email?: string;
}

/* A server, and everything that it may tell. */
export class World {
	readonly receiver = new Receiver();
	readonly slack = new FakeSlack();
	readonly mail: MailServer;
	readonly server: Server;
	private readonly with_mail: boolean;

	constructor(private readonly options: WorldOptions = {}) {
		this.with_mail = options.mail !== false && !NO_MAIL;
		this.mail = new MailServer(options.mail || {});
		this.server = new Server({ ...options, args: [...(options.args ?? [])], env: { ...options.env } });
	}

	async start(): Promise<void> {
		await Promise.all([this.receiver.start(), this.slack.start(), this.with_mail ? this.mail.start() : undefined]);
		const { args, env } = this.server.options;
		if (this.options.open !== false) args!.push("--allow-private-destinations", "127.0.0.0/8,::1/128");
		args!.push("--slack-api-url", this.slack.api_url, "--mail-from", MAIL_FROM);
		if (this.options.admin_email) args!.push("--admin-email", this.options.admin_email);
		if (this.with_mail) env!.VERSIONER_SMTP_URL = this.mail.url;
		await this.server.start();
	}

	/* The server first: what it still sends has somewhere to go. */
	async close(): Promise<void> {
		const ends = [() => this.server.close(), () => this.receiver.stop(), () => this.slack.stop(), () => this.mail.stop()];
		let failure: unknown;
		for (const end of ends) await end().catch((error) => (failure ??= error));
		if (failure) throw failure;
	}

	/* A channel of the type to a place of its own. */
	async channel(type: ChannelType, more: Fields = {}, config: Fields = {}): Promise<Target> {
		const place = unique(type.replace("_", "-"));
		const created = await create_channel(this.server, type, { ...this.config(type, place), ...config }, more);
		return { id: created.id, place, path: type === "slack_webhook" ? this.slack.hook(place) : `/${place}`, address: `${place}@example.com` };
	}

	config(type: ChannelType, place: string): Fields {
		switch (type) {
			case "slack_webhook": return { webhook_url: this.slack.url(this.slack.hook(place)) };
			case "slack_bot": return { token: `xoxb-${random_alnum(40)}`, channel: place };
			case "webhook": return { url: this.receiver.url(`/${place}`) };
			case "email": return { to: [`${place}@example.com`] };
			case "msteams": return { webhook_url: this.receiver.url(`/${place}`) };
		}
	}

	/* A webhook channel that is told of these events. */
	async webhook(event_type = "*", filters: Fields = {}, config: Fields = {}): Promise<Target> {
		const target = await this.channel("webhook", {}, config);
		await prefer(this.server, target.id, event_type, filters);
		return target;
	}
}

export interface Target {
	id: string; /* of the channel */
	place: string;
	path: string; /* at the receiver, or at Slack */
	address: string;
}

/* Inside describe(): one world for all its tests. */
export function use_world(options: WorldOptions = {}): World {
	const world = new World(options);
	before(() => world.start());
	after(() => world.close());
	return world;
}

/* A world for one test. */
export async function with_world(options: WorldOptions, test: (world: World) => Promise<void>): Promise<void> {
	const world = new World(options);
	let failed = true;
	try {
		await world.start();
		await test(world);
		failed = false;
	} finally {
		if (failed) await world.close().catch(() => undefined);
		else await world.close();
	}
}

/* What of a config may never be seen again. */
function secrets_of(config: any): string[] {
	const secrets = [config.token, config.secret, ...Object.values(config.headers ?? {})];
	for (const url of [config.url, config.webhook_url]) if (typeof url === "string" && url.includes("/services/")) secrets.push(url.split("/services/")[1]);
	return secrets.filter((secret) => typeof secret === "string" && secret.length >= 16);
}

export async function create_channel(server: Server, type: ChannelType, config: Fields, more: Fields = {}): Promise<any> {
	secrets_of(config).forEach((secret) => server.keep_secret(secret));
	const answer = await server.post("/notification-channels/", { name: unique(type), channel_type: type, config, enabled: true, ...more });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
}

export async function prefer(server: Server, channel_id: string, event_type: string, filters: Fields = {}, more: Fields = {}): Promise<any> {
	const answer = await server.post("/notification-preferences/", { event_type, channel_id, filters, enabled: true, ...more });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
}

/* A channel of type webhook that is told of everything; gives its id. */
export async function webhook_at(server: Server, url: string): Promise<string> {
	const { id } = await create_channel(server, "webhook", { url });
	await prefer(server, id, "*");
	return id;
}

export async function change(server: Server, target: string, fields: Fields): Promise<any> {
	const answer = await server.request("PATCH", target, { body: fields });
	assert.equal(answer.status, 200, answer.text);
	return answer.json;
}

export async function remove(server: Server, target: string): Promise<void> {
	const answer = await server.request("DELETE", target);
	assert.equal(answer.status, 204, answer.text);
}

export const channel_of = async (server: Server, id: string): Promise<any> => {
	const answer = await server.get(`/notification-channels/${id}`);
	assert.equal(answer.status, 200, answer.text);
	return answer.json;
};

/* Rows of the history, oldest first. They are written with the event: what is not there will never be sent. */
export async function history(server: Server, filters: Record<string, string>): Promise<any[]> {
	return (await list_all(server, "/notification-history/", filters)).reverse();
}

/* Waits until nothing waits for the channel any more, and gives its history, oldest first. */
export async function settled(server: Server, channel: string, within?: number): Promise<any[]> {
	let rows: any[] = [];
	const done = async (): Promise<boolean> => (rows = await history(server, { channel })).every((row) => row.state !== "waiting");
	await until(done, () => `still waiting: ${JSON.stringify(rows.filter((row) => row.state === "waiting").slice(0, 3))}`, within);
	return rows;
}

/* The state of the only notification of the channel, once it has one of these. */
export async function only_row(server: Server, channel: string, is: (row: any) => boolean, within?: number): Promise<any> {
	let rows: any[] = [];
	const done = async (): Promise<boolean> => {
		rows = await history(server, { channel });
		assert.ok(rows.length <= 1, `one notification: ${JSON.stringify(rows)}`);
		return rows.length === 1 && is(rows[0]);
	};
	await until(done, () => JSON.stringify(rows), within);
	return rows[0];
}

export const types_of = (rows: any[]): string[] => rows.map((row) => row.event_type);
export const types_received = (requests: Received[]): string[] => requests.map((r) => r.json.event_type);

/* One deployment, event by event. */
export async function run_of(server: Server, statuses: string[], fields: Fields = {}): Promise<any> {
	const given = { product_name: unique("product"), invoke_id: unique("run"), ...fields };
	let answer: any;
	for (const status of statuses) answer = await deploy(server, { ...given, status });
	return answer;
}

export const hmac = (key: string | Buffer, text: string | Buffer): Buffer => createHmac("sha256", key).update(text).digest();

/* The signatures of a webhook request, made again from the bytes that came. */
export function assert_signed(request: Received, secret: string): void {
	const h = request.headers;
	assert.equal(h["x-versioner-signature"], `sha256=${hmac(secret, request.bytes).toString("hex")}`);
	const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : Buffer.from(secret);
	const signed = Buffer.concat([Buffer.from(`${h["webhook-id"]}.${h["webhook-timestamp"]}.`), request.bytes]);
	assert.ok(String(h["webhook-signature"]).split(" ").includes(`v1,${hmac(key, signed).toString("base64")}`), `webhook-signature ${h["webhook-signature"]}`);
	assert.match(String(h["webhook-timestamp"]), /^\d{10}$/);
	assert.ok(String(h["webhook-id"]).length > 0 && !String(h["webhook-id"]).includes("."));
}

export const CHANNELS = "/notification-channels/";
export const PREFERENCES = "/notification-preferences/";
export const HISTORY = "/notification-history/";
export const NOBODY = "01900000-0000-7000-8000-000000000000";

/* The places that a 422 names: "config.url". */
export function places(answer: Answer): string[] {
	assert.equal(answer.status, 422, answer.text);
	for (const item of answer.json.detail) {
		assert.deepEqual(Object.keys(item).sort(), ["loc", "msg", "type"]);
		assert.equal(item.loc[0], "body");
		assert.ok(item.msg.length > 0 && item.type.length > 0);
	}
	return answer.json.detail.map((d: any) => d.loc.slice(1).join("."));
}
