/* Slack as far as the product speaks to it: incoming webhooks, chat.postMessage, chat.update. Everything it gets must keep Slack's limits. */
import { createHash } from "node:crypto";
import { Received, Receiver, Reply } from "./receivers";
import { slack_problems } from "./slack_limits";

export interface BotMessage {
	channel: string; /* id */
	ts: string;
	thread_ts: string | undefined;
	versions: any[]; /* bodies: as posted, then each update */
}

const answer = (body: object, status = 200): Reply => ({ status, headers: { "content-type": "application/json; charset=utf-8" }, body: JSON.stringify(body) });

export class FakeSlack extends Receiver {
	readonly messages: BotMessage[] = [];

	get api_url(): string {
		return this.url("/api");
	}

	/* The path of an incoming webhook. */
	hook(name: string): string {
		return `/services/T00000001/B00000001/${createHash("sha256").update(name).digest("hex").slice(0, 24)}`;
	}

	/* A bot is told a name or an id; Slack answers with the id, and changes messages by the id alone. */
	channel_id(name: string): string {
		return /^C[0-9A-F]{10}$/.test(name) ? name : `C${createHash("sha256").update(name).digest("hex").slice(0, 10).toUpperCase()}`;
	}

	posted_to(name: string): BotMessage[] {
		return this.messages.filter((m) => m.channel === this.channel_id(name) && m.thread_ts === undefined);
	}

	thread_of(message: BotMessage): BotMessage[] {
		return this.messages.filter((m) => m.channel === message.channel && m.thread_ts === message.ts);
	}

	protected check(request: Received): string[] {
		const problems = slack_problems(request.bytes);
		if (request.method !== "POST") problems.push(`method ${request.method}`);
		if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) problems.push(`content type ${request.headers["content-type"]}`);
		return problems;
	}

	protected usual(request: Received): Reply {
		if (!request.path.startsWith("/api/")) return { status: 200, headers: { "content-type": "text/html" }, body: "ok" };
		if (!/^Bearer xoxb-\S+$/.test(request.headers.authorization ?? "")) return answer({ ok: false, error: "not_authed" });
		switch (request.path) {
			case "/api/chat.postMessage": return this.post(request.json);
			case "/api/chat.update": return this.update(request.json);
			default: return answer({ ok: false, error: "unknown_method" });
		}
	}

	private post(body: any): Reply {
		if (typeof body.channel !== "string") return answer({ ok: false, error: "channel_not_found" });
		const channel = this.channel_id(body.channel);
		if (body.thread_ts !== undefined && !this.messages.some((m) => m.channel === channel && m.ts === body.thread_ts))
			this.problems.push(`a reply to a message that does not exist: ${body.thread_ts}`);
		const ts = `1790000000.${String(this.messages.length + 1).padStart(6, "0")}`;
		this.messages.push({ channel, ts, thread_ts: body.thread_ts, versions: [body] });
		return answer({ ok: true, channel, ts, message: { type: "message", text: body.text, ts } });
	}

	private update(body: any): Reply {
		const message = this.messages.find((m) => m.channel === body.channel && m.ts === body.ts);
		if (!message) return answer({ ok: false, error: /^C[0-9A-F]{10}$/.test(body.channel) ? "message_not_found" : "channel_not_found" });
		message.versions.push(body);
		return answer({ ok: true, channel: message.channel, ts: message.ts, text: body.text });
	}
}
