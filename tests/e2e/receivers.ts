/* Destinations that the tests own: HTTP servers on free ports that write down each request and answer as they are told. */
import { strict as assert } from "node:assert";
import * as http from "node:http";
import { AddressInfo, Socket } from "node:net";
import { sleep } from "./server";

export interface Received {
	at: number; /* milliseconds of a steady clock */
	method: string;
	path: string; /* without a query */
	target: string;
	headers: http.IncomingHttpHeaders;
	bytes: Buffer;
	text: string;
	json: any; /* undefined when it is none */
}

/* What an answer is. hang: none ever; reset: the connection breaks; flood: a gigabyte, as far as it is read; drip: the headers byte by
 * byte; huge_headers: a megabyte of them; cut: fewer bytes than were announced. */
export interface Reply {
	status?: number;
	headers?: Record<string, string>;
	body?: string | Buffer;
	delay?: number;
	act?: "hang" | "reset" | "flood" | "drip" | "huge_headers" | "cut";
}

export type Answerer = (request: Received) => Reply;

const GIGABYTE = 1024 ** 3;
const PATIENCE = process.env.VERSIONER_SANITIZED ? 120_000 : 30_000;

const now = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

export class Receiver {
	readonly received: Received[] = [];
	readonly problems: string[] = []; /* what was wrong with requests: stop() fails on any */
	port = 0;
	flooded = 0; /* bytes of floods that the other side let in */
	private server: http.Server | undefined;
	private readonly sockets = new Set<Socket>();
	private readonly scripts = new Map<string, Reply[]>();
	private readonly standing = new Map<string, Answerer>();
	private readonly under_way = new Map<string, number>();
	private readonly most = new Map<string, number>();

	async start(): Promise<void> {
		const server = http.createServer((request, response) => void this.take(request, response).catch(() => response.destroy()));
		server.keepAliveTimeout = 60_000;
		server.on("connection", (socket: Socket) => {
			this.sockets.add(socket);
			socket.on("close", () => this.sockets.delete(socket));
			socket.on("error", () => undefined);
		});
		await new Promise<void>((resolve, reject) => server.once("error", reject).listen(this.port, "127.0.0.1", resolve));
		this.server = server;
		this.port = (server.address() as AddressInfo).port;
	}

	/* Connections are refused until start() is called again; the port stays the same. */
	async down(): Promise<void> {
		const server = this.server;
		if (!server) return;
		this.server = undefined;
		const closed = new Promise<void>((done) => server.close(() => done()));
		this.sockets.forEach((socket) => socket.destroy());
		await closed;
	}

	async stop(): Promise<void> {
		await this.down();
		assert.deepEqual(this.problems, [], "requests that break a rule of the destination");
	}

	url(path: string): string {
		return `http://127.0.0.1:${this.port}${path}`;
	}

	/* The next requests of the path get these answers, one each; what comes after them is answered as always. */
	script(path: string, ...replies: Reply[]): void {
		this.scripts.set(path, [...(this.scripts.get(path) ?? []), ...replies]);
	}

	/* All other requests of the path; an empty path: of every path. */
	always(path: string, answer: Reply | Answerer): void {
		this.standing.set(path, typeof answer === "function" ? answer : () => answer);
	}

	at(path: string): Received[] {
		return this.received.filter((request) => request.path === path);
	}

	/* Forgets what always() said. */
	never(path: string): void {
		this.standing.delete(path);
	}

	/* How many requests were at most unanswered at a time. */
	most_under_way(path = ""): number {
		return this.most.get(path) ?? 0;
	}

	/* Waits until the path has had so many requests, and gives them. */
	async wait(path: string, count: number, within = PATIENCE): Promise<Received[]> {
		await until(() => this.at(path).length >= count, () => `${path} got ${this.at(path).length} of ${count} requests`, within);
		return this.at(path);
	}

	protected answer(request: Received): Reply {
		const scripted = this.scripts.get(request.path)?.shift();
		return scripted ?? (this.standing.get(request.path) ?? this.standing.get(""))?.(request) ?? this.usual(request);
	}

	protected usual(_request: Received): Reply {
		return { status: 200, body: "ok" };
	}

	/* Rules that hold of each request. */
	protected check(_request: Received): string[] {
		return [];
	}

	private async take(incoming: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
		const at = now();
		const path = incoming.url!.split("?")[0];
		this.count(path, 1);
		response.on("close", () => this.count(path, -1));
		const parts: Buffer[] = [];
		for await (const part of incoming) parts.push(part as Buffer);
		const bytes = Buffer.concat(parts);
		const text = bytes.toString("utf8");
		const request = { at, method: incoming.method!, path, target: incoming.url!, headers: incoming.headers, bytes, text, json: parse(text) };
		this.problems.push(...this.check(request).map((problem) => `${path}: ${problem}\n${text}`));
		const reply = this.answer(request);
		this.received.push(request);
		if (reply.delay) await sleep(reply.delay);
		await this.reply(incoming, response, reply);
	}

	private count(path: string, difference: number): void {
		for (const name of ["", path]) {
			const count = (this.under_way.get(name) ?? 0) + difference;
			this.under_way.set(name, count);
			this.most.set(name, Math.max(count, this.most.get(name) ?? 0));
		}
	}

	private async reply(incoming: http.IncomingMessage, response: http.ServerResponse, reply: Reply): Promise<void> {
		switch (reply.act) {
			case "hang": return;
			case "reset": incoming.socket.resetAndDestroy(); return;
			case "flood": return this.flood(incoming.socket);
			case "drip": return drip(incoming.socket);
			case "cut":
				incoming.socket.end("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of it");
				return;
			case "huge_headers":
				incoming.socket.end(`HTTP/1.1 200 OK\r\n${`X-Filler: ${"x".repeat(1000)}\r\n`.repeat(1000)}Content-Length: 2\r\n\r\nok`);
				return;
			default: response.writeHead(reply.status ?? 200, reply.headers).end(reply.body ?? "");
		}
	}

	private async flood(socket: Socket): Promise<void> {
		const block = Buffer.alloc(256 * 1024, "x");
		socket.write(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${GIGABYTE}\r\n\r\n`);
		for (let sent = 0; sent < GIGABYTE && !socket.destroyed; sent += block.length) {
			if (!socket.write(block)) await new Promise<void>((done) => socket.once("drain", done).once("close", done));
			this.flooded += block.length;
		}
		socket.end();
	}
}

async function drip(socket: Socket): Promise<void> {
	for (const byte of `HTTP/1.1 200 OK\r\nX-Slow: ${"x".repeat(1000)}\r\n\r\n`) {
		if (socket.destroyed) return;
		socket.write(byte);
		await sleep(100);
	}
}

function parse(text: string): any {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/* Looks again and again until it holds; else fails with what is so instead. */
export async function until(holds: () => boolean | Promise<boolean>, instead: () => string, within = PATIENCE): Promise<void> {
	for (const deadline = Date.now() + within; !(await holds()); await sleep(20)) assert.ok(Date.now() < deadline, `after ${within} ms: ${instead()}`);
}
