/* A listener of GET /events/stream: what it was told, and its way back after a lost connection. */
import { strict as assert } from "node:assert";
import * as http from "node:http";
import { Server, sleep } from "./server";

export interface Told {
	id: string; /* the place in the stream */
	type: string;
	event: any; /* as in GET /events */
}

export interface ListenOptions {
	query?: string; /* "product=shop&type=…" */
	key?: string | null; /* null: no Authorization */
	headers?: http.OutgoingHttpHeaders;
	last_id?: string;
}

export class Listener {
	status = 0;
	headers: http.IncomingHttpHeaders = {};
	readonly told: Told[] = [];
	readonly comments: string[] = [];
	last_id: string | undefined;
	ended = false; /* the connection, by whichever side */
	body = ""; /* of an error */
	private rest = "";
	private decoder = new TextDecoder();
	private request: http.ClientRequest | undefined;
	private response: http.IncomingMessage | undefined;

	constructor(readonly server: Server, readonly options: ListenOptions = {}) {
		this.last_id = options.last_id;
	}

	/* Until the answer has come, and with 200 its beginning: what is sent from then on is told. Connects anew when it has ended. */
	async open(server: Server = this.server): Promise<this> {
		this.close();
		const headers: http.OutgoingHttpHeaders = { ...this.options.headers };
		if (this.options.key !== null) headers.authorization = `Bearer ${this.options.key ?? server.key}`;
		if (this.last_id !== undefined) headers["last-event-id"] = this.last_id;
		const query = this.options.query ? `?${this.options.query}` : "";
		const begun = this.begun;
		await new Promise<void>((resolve, reject) => {
			this.request = http.get({ host: "127.0.0.1", port: server.port, path: `/events/stream${query}`, headers, agent: false });
			this.request.on("error", reject);
			this.request.on("response", (response) => {
				this.take(response);
				resolve();
			});
		});
		if (this.status === 200) await this.until(() => this.begun > begun, "the beginning");
		return this;
	}

	private begun = 0;

	private take(response: http.IncomingMessage): void {
		this.response = response;
		this.status = response.statusCode!;
		this.headers = response.headers;
		this.ended = false;
		this.rest = this.body = "";
		this.decoder = new TextDecoder();
		const end = (): void => {
			if (this.response === response) this.ended = true;
		};
		response.on("data", (bytes: Buffer) => {
			if (this.response === response) this.understand(this.decoder.decode(bytes, { stream: true }));
		});
		for (const event of ["end", "error", "close"]) response.on(event, end);
	}

	private understand(text: string): void {
		if (this.status !== 200) {
			this.body += text;
			return;
		}
		const blocks = (this.rest + text).split("\n\n");
		this.rest = blocks.pop()!;
		blocks.forEach((block) => this.understand_block(block));
	}

	private understand_block(block: string): void {
		const fields = new Map<string, string>();
		for (const line of block.split("\n")) {
			const found = /^(\w*): ?(.*)$/s.exec(line);
			assert.ok(found, `no line of a stream: ${line}`);
			if (found[1] === "") this.comments.push(found[2]);
			else {
				assert.ok(!fields.has(found[1]), `twice: ${block}`);
				fields.set(found[1], found[2]);
			}
		}
		this.last_id = fields.get("id") ?? this.last_id;
		if (fields.has("retry")) this.begun++;
		if (fields.has("data")) this.told.push({ id: fields.get("id")!, type: fields.get("event")!, event: JSON.parse(fields.get("data")!) });
	}

	ids(): string[] {
		return this.told.map(({ event }) => event.id);
	}

	async until(holds: () => boolean, what: string, patience = 20_000): Promise<void> {
		for (const deadline = Date.now() + patience; !holds(); await sleep(3)) assert.ok(Date.now() < deadline, `${what}: ${this.told.length} told, ended: ${this.ended}\n${this.server.log.slice(-1500)}`);
	}

	/* Until all of these have been told, in whichever order. */
	async has(ids: string[], patience?: number): Promise<void> {
		const has_all = (): boolean => {
			const told = new Set(this.ids());
			return ids.every((id) => told.has(id));
		};
		await this.until(() => this.told.length >= ids.length && has_all(), `waiting for ${ids.length}`, patience);
	}

	/* The same, connecting again where the server ended it because it did not keep up, as browsers do. */
	async has_at_last(ids: string[]): Promise<void> {
		while (this.told.length < ids.length) {
			await this.until(() => this.ended || this.told.length >= ids.length, `waiting for ${ids.length}`, 60_000);
			if (this.ended && this.told.length < ids.length) await this.open();
		}
		await this.has(ids);
	}

	/* Takes nothing more from the socket, until resume(). */
	pause(): void {
		this.response!.pause();
	}

	resume(): void {
		this.response!.resume();
	}

	close(): void {
		this.response = undefined;
		this.request?.on("error", () => undefined);
		this.request?.destroy();
		this.ended = true;
	}
}

/* Listeners of a test, which end with it. */
export async function listening<T>(test: (listen: (server: Server, options?: ListenOptions) => Promise<Listener>) => Promise<T>): Promise<T> {
	const all: Listener[] = [];
	try {
		return await test((server, options) => {
			const listener = new Listener(server, options);
			all.push(listener);
			return listener.open();
		});
	} finally {
		all.forEach((listener) => listener.close());
	}
}
