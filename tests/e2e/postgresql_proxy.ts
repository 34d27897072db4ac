/* A proxy before PostgreSQL that knows enough of its protocol to meet a COMMIT on its way, and can do to it what networks do. */
import * as net from "node:net";
import { AddressInfo } from "node:net";

/* What becomes of a COMMIT, and of the connection with it. */
export type Fate =
	| "pass"
	| "cut before" /* the server never gets it */
	| "cut after" /* the server has done it; its answer is lost */
	| "cut at once" /* it is on its way; nobody knows */
	| { delay: number }; /* milliseconds */

const SSL_REQUEST = 80877103, GSS_REQUEST = 80877104, CANCEL_REQUEST = 80877102;

const text_at = (message: Buffer, from: number): string => message.toString("latin1", from, message.indexOf(0, from));
const is_commit = (sql: string): boolean => /^\s*COMMIT\b/i.test(sql);

/* The whole messages at the beginning of some bytes; the first ones of a connection have no type. */
class Messages {
	private waiting: Buffer = Buffer.alloc(0);

	add(bytes: Buffer): void {
		this.waiting = this.waiting.length ? Buffer.concat([this.waiting, bytes]) : bytes;
	}

	take(typed: boolean): Buffer | undefined {
		const type = typed ? 1 : 0;
		if (this.waiting.length < type + 4) return undefined;
		const end = type + this.waiting.readUInt32BE(type);
		if (this.waiting.length < end) return undefined;
		const message = this.waiting.subarray(0, end);
		this.waiting = this.waiting.subarray(end);
		return message;
	}
}

/* One connection of a client, and ours to the server. */
class Link {
	private readonly server: net.Socket;
	private readonly from_client = new Messages();
	private readonly from_server = new Messages();
	private readonly commits = new Set<string>(); /* names of prepared statements */
	private begun = false; /* the client's messages have types */
	private held = false; /* by a delay */
	private cut_at: "sync" | "answer" | undefined;

	constructor(
		private readonly proxy: PostgresqlProxy,
		private readonly client: net.Socket,
		target: { host: string; port: number },
	) {
		this.server = net.connect(target.port, target.host);
		client.on("data", (bytes) => {
			this.from_client.add(bytes);
			this.pass_on();
		});
		this.server.on("data", (bytes) => this.pass_back(bytes));
		for (const side of [client, this.server]) {
			side.setNoDelay(true);
			side.on("error", () => undefined); /* "close" follows */
			side.on("close", () => this.cut());
		}
	}

	/* The server still gets what was sent to it. */
	cut(): void {
		this.client.destroy();
		if (!this.server.destroyed) this.server.end(() => this.server.destroy());
		this.proxy.forget(this);
	}

	freeze(): void {
		this.client.pause();
		this.server.pause();
	}

	thaw(): void {
		this.client.resume();
		this.server.resume();
	}

	private pass_on(): void {
		for (let message; !this.held && !this.client.destroyed && (message = this.from_client.take(this.begun)); ) {
			if (!this.begun) this.pass_on_first(message);
			else if (!this.meets_commit(message)) this.send(message);
			else this.decide(message);
		}
	}

	/* No encryption: it could not be read. */
	private pass_on_first(message: Buffer): void {
		const code = message.readUInt32BE(4);
		if (code === SSL_REQUEST || code === GSS_REQUEST) return void this.client.write("N");
		this.begun = code !== CANCEL_REQUEST;
		this.server.write(message);
	}

	private send(message: Buffer): void {
		this.server.write(message);
		if (message[0] === 0x53 /* Sync */ && this.cut_at === "sync") this.cut();
	}

	/* Whether it makes the server commit: Query, or Bind of a statement that is a COMMIT; Execute follows that. */
	private meets_commit(message: Buffer): boolean {
		const type = String.fromCharCode(message[0]);
		if (type === "Q") return is_commit(text_at(message, 5));
		const first = type === "P" || type === "B" ? text_at(message, 5) : "";
		const second = type === "P" || type === "B" ? text_at(message, 5 + first.length + 1) : "";
		if (type === "P") this.commits[is_commit(second) ? "add" : "delete"](first);
		return type === "B" && this.commits.has(second);
	}

	private decide(message: Buffer): void {
		const fate = this.proxy.decide();
		if (fate === "cut before") return this.cut();
		if (fate === "cut after") this.cut_at = "answer";
		if (fate === "cut at once" && message[0] === 0x42 /* Bind */) this.cut_at = "sync";
		if (typeof fate !== "object") this.send(message);
		else this.hold(message, fate.delay);
		if (fate === "cut at once" && !this.cut_at) this.cut();
	}

	private hold(message: Buffer, milliseconds: number): void {
		this.held = true;
		setTimeout(() => {
			this.held = false;
			if (this.client.destroyed) return;
			this.send(message);
			this.pass_on();
		}, milliseconds);
	}

	/* Once an answer is to be lost, nothing goes back any more; it is lost when it is there. */
	private pass_back(bytes: Buffer): void {
		this.from_server.add(bytes);
		for (let message; (message = this.from_server.take(true)); ) {
			if (this.cut_at !== "answer") this.client.write(message);
			else if (message[0] === 0x43 /* CommandComplete */ && ["COMMIT", "ROLLBACK"].includes(text_at(message, 5))) return this.cut();
		}
	}
}

export class PostgresqlProxy {
	port = 0;
	commits = 0; /* that came by */
	/* Asked for each COMMIT. */
	fate: () => Fate = () => "pass";
	private readonly links = new Set<Link>();
	private listener: net.Server | undefined;
	private frozen = false;

	constructor(private readonly target: { host: string; port: number }) {}

	/* Of the server that the URI names. */
	static before(uri: string): PostgresqlProxy {
		const { hostname, port } = new URL(uri);
		return new PostgresqlProxy({ host: hostname, port: Number(port || 5432) });
	}

	/* The same URI, by way of the proxy. */
	through(uri: string): string {
		const url = new URL(uri);
		url.host = `127.0.0.1:${this.port}`;
		return url.href;
	}

	/* On the same port as before, if there was one. */
	accept(): Promise<void> {
		const listener = net.createServer((client) => {
			const link = new Link(this, client, this.target);
			this.links.add(link);
			if (this.frozen) link.freeze();
		});
		this.listener = listener;
		return new Promise((done, fail) => {
			listener.on("error", fail);
			listener.listen(this.port, "127.0.0.1", () => {
				this.port = (listener.address() as AddressInfo).port;
				done();
			});
		});
	}

	/* Connections are cut and refused. */
	async refuse(): Promise<void> {
		const ended = new Promise((done) => this.listener!.close(done));
		this.cut();
		await ended;
	}

	cut(): void {
		for (const link of [...this.links]) link.cut();
	}

	/* No byte goes through, and no connection ends. */
	freeze(): void {
		this.frozen = true;
		this.links.forEach((link) => link.freeze());
	}

	thaw(): void {
		this.frozen = false;
		this.links.forEach((link) => link.thaw());
	}

	decide(): Fate {
		this.commits++;
		return this.fate();
	}

	forget(link: Link): void {
		this.links.delete(link);
	}
}
