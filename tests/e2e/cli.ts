/* Runs commands of the program as a pipeline does, and the things that stand between a pipeline and its server. */
import { strict as assert } from "node:assert";
import { ChildProcess, spawn } from "node:child_process";
import { after, before } from "node:test";
import * as fs from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { BINARY, Server, sleep } from "./server";

const SANITIZER_WORDS = /ERROR: AddressSanitizer|ERROR: LeakSanitizer|runtime error:/;

export interface Ran {
	status: number | null;
	signal: NodeJS.Signals | null;
	out: string;
	err: string;
	said: string; /* both */
	milliseconds: number;
}

export interface RunOptions {
	env?: Record<string, string | undefined>;
	cwd?: string;
	input?: string;
	started?: (child: ChildProcess) => void;
}

/* A home of its own, without a CI system, a proxy or a configuration file in sight. */
export class Home {
	readonly dir = fs.mkdtempSync(path.join(os.tmpdir(), "versioner-cli-"));

	file(name: string, content: string): string {
		const at = path.join(this.dir, name);
		fs.mkdirSync(path.dirname(at), { recursive: true });
		fs.writeFileSync(at, content);
		return at;
	}

	get spool(): string {
		return path.join(this.dir, ".local", "state", "versioner", "spool");
	}

	/* Names of kept events, oldest first. */
	kept(): string[] {
		return fs.existsSync(this.spool) ? fs.readdirSync(this.spool).filter((name) => name.endsWith(".json")).sort() : [];
	}

	run(args: string[], o: RunOptions = {}): Promise<Ran> {
		const own = Object.fromEntries(["ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"].filter((n) => process.env[n]).map((n) => [n, process.env[n]]));
		const env = { PATH: process.env.PATH, HOME: this.dir, ...own, ...o.env };
		const begun = Date.now();
		const child = spawn(BINARY, args, { env: env as NodeJS.ProcessEnv, cwd: o.cwd ?? this.dir, stdio: ["pipe", "pipe", "pipe"] });
		let out = "", err = "";
		child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
		child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
		child.stdin.on("error", () => undefined).end(o.input ?? "");
		o.started?.(child);
		return new Promise((resolve, reject) => {
			const late = setTimeout(() => child.kill("SIGKILL"), 120_000);
			child.on("error", reject);
			child.on("close", (status, signal) => {
				clearTimeout(late);
				try {
					assert.doesNotMatch(err, SANITIZER_WORDS);
				} catch (failure) {
					return reject(failure);
				}
				resolve({ status, signal, out, err, said: out + err, milliseconds: Date.now() - begun });
			});
		});
	}

	remove(): void {
		fs.rmSync(this.dir, { recursive: true, force: true });
	}
}

/* Inside describe(): one for all its tests. */
export function use_home(): Home {
	const home = new Home();
	after(() => home.remove());
	return home;
}

/* For one test. */
export async function with_home(test: (home: Home) => Promise<void>): Promise<void> {
	const home = new Home();
	try {
		await test(home);
	} finally {
		home.remove();
	}
}

export interface Seen {
	method: string;
	path: string;
	headers: http.IncomingHttpHeaders;
	body: string;
	json: any;
	client_certificate?: string; /* the name in it */
}

/* What becomes of a request. pass: the server's answer; cut: the server's answer is thrown away and the connection broken; hang: nothing. */
export type Fate = "pass" | "cut" | "hang" | "reset" | { status: number; headers?: Record<string, string>; body?: string; delay?: number };

/* Stands in front of a server, or alone, and does to each request what it is told. */
export class Front {
	readonly seen: Seen[] = [];
	usual: Fate = "pass";
	port = 0;
	private readonly next: Fate[] = [];
	private readonly sockets = new Set<net.Socket>();
	private server!: http.Server;

	constructor(private readonly behind?: Server, private readonly tls?: https.ServerOptions) {}

	async start(): Promise<void> {
		const take = (request: http.IncomingMessage, response: http.ServerResponse): void =>
			void this.take(request, response).catch(() => response.destroy());
		this.server = this.tls ? https.createServer(this.tls, take) : http.createServer(take);
		this.server.on("connection", (socket: net.Socket) => {
			this.sockets.add(socket);
			socket.on("close", () => this.sockets.delete(socket));
			socket.on("error", () => undefined);
		});
		this.server.on("tlsClientError", () => undefined);
		await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
		this.port = (this.server.address() as net.AddressInfo).port;
	}

	async stop(): Promise<void> {
		this.sockets.forEach((socket) => socket.destroy());
		await new Promise((done) => this.server.close(done));
	}

	get url(): string {
		return `${this.tls ? "https" : "http"}://127.0.0.1:${this.port}`;
	}

	/* For the next requests, one each; then as usual. */
	script(...fates: Fate[]): void {
		this.next.splice(0, this.next.length, ...fates);
		this.seen.length = 0;
	}

	private async take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
		const parts: Buffer[] = [];
		for await (const part of request) parts.push(part as Buffer);
		const body = Buffer.concat(parts);
		const fate = this.next.shift() ?? this.usual;
		const subject = this.tls ? (request.socket as any).getPeerCertificate?.()?.subject : undefined;
		this.seen.push({ method: request.method!, path: request.url!, headers: request.headers, body: body.toString(), json: parse(body.toString()), client_certificate: subject?.CN });
		if (fate === "hang") return;
		if (fate === "reset") return void request.socket.resetAndDestroy();
		if (typeof fate === "object") {
			if (fate.delay) await sleep(fate.delay);
			const headers = { "content-type": "application/json", "x-request-id": "front", ...fate.headers };
			response.writeHead(fate.status, headers).end(fate.body ?? "{}");
			return;
		}
		const answer = await this.ask(request, body);
		await this.before_answer();
		if (fate === "cut") return void request.socket.destroy();
		response.writeHead(answer.status, answer.headers).end(answer.body);
	}

	protected async before_answer(): Promise<void> {}

	private ask(request: http.IncomingMessage, body: Buffer): Promise<{ status: number; headers: http.IncomingHttpHeaders; body: Buffer }> {
		assert.ok(this.behind, "there is a server behind it");
		const headers = { ...request.headers, connection: "close" };
		const options = { host: "127.0.0.1", port: this.behind.port, method: request.method, path: request.url, headers, agent: false as const };
		return new Promise((resolve, reject) => {
			const asked = http.request(options, (answer) => {
				const parts: Buffer[] = [];
				answer.on("data", (part) => parts.push(part));
				answer.on("end", () => resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(parts) }));
			});
			asked.on("error", reject);
			asked.end(body);
		});
	}
}

/* Inside describe(): a front for all its tests. */
export function use_front(behind?: Server, tls?: https.ServerOptions): Front {
	const front = new Front(behind, tls);
	before(() => front.start());
	after(() => front.stop());
	return front;
}

/* An HTTP proxy: CONNECT for https, whole URLs for http. All names lead to one port of this machine. */
export class WebProxy {
	readonly asked: { method: string; target: string; headers: http.IncomingHttpHeaders }[] = [];
	refuse = 0; /* a status for every request */
	port = 0;
	private readonly sockets = new Set<net.Socket>();
	private server!: http.Server;

	constructor(private readonly to: () => number) {}

	async start(): Promise<void> {
		this.server = http.createServer((request, response) => this.forward(request, response));
		this.server.on("connect", (request: http.IncomingMessage, socket: net.Socket) => this.tunnel(request, socket));
		this.server.on("connection", (socket: net.Socket) => {
			this.sockets.add(socket);
			socket.on("error", () => undefined).on("close", () => this.sockets.delete(socket));
		});
		await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
		this.port = (this.server.address() as net.AddressInfo).port;
	}

	async stop(): Promise<void> {
		this.sockets.forEach((socket) => socket.destroy());
		await new Promise((done) => this.server.close(done));
	}

	get url(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	private note(request: http.IncomingMessage): void {
		this.asked.push({ method: request.method!, target: request.url!, headers: request.headers });
	}

	private tunnel(request: http.IncomingMessage, socket: net.Socket): void {
		this.note(request);
		if (this.refuse) return void socket.end(`HTTP/1.1 ${this.refuse} No\r\nContent-Length: 0\r\n\r\n`);
		const other = net.connect(this.to(), "127.0.0.1", () => {
			socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
			other.pipe(socket).pipe(other);
		});
		other.on("error", () => socket.destroy());
		socket.on("close", () => other.destroy());
	}

	private forward(request: http.IncomingMessage, response: http.ServerResponse): void {
		this.note(request);
		const url = new URL(request.url!);
		const options = { host: "127.0.0.1", port: this.to(), method: request.method, path: url.pathname + url.search, headers: request.headers, agent: false as const };
		const asked = http.request(options, (answer) => {
			response.writeHead(answer.statusCode!, answer.headers);
			answer.pipe(response);
		});
		asked.on("error", () => response.destroy());
		request.pipe(asked);
	}
}

function parse(text: string): any {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/* What a server of the API would answer to any event. */
export const RECORDED: Fate = { status: 200, body: '{"id":"01a2091a-ed98-7001-b40a-b73959ed7e85","version_id":"01a2091a-ed95-7002-bb30-7c8e4d6cea7c"}' };

export const SENT = /^✓ (Deployment|Build) event tracked successfully\n  Event ID: [0-9a-f-]{36}\n$/;

/* The id that a command printed. */
export function printed_id(ran: Ran): string {
	assert.equal(ran.status, 0, ran.said);
	const found = /^  Event ID: ([0-9a-f-]{36})$/m.exec(ran.out);
	assert.ok(found, ran.said);
	return found[1];
}
