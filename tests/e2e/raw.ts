/* Bytes on a socket, for requests that no HTTP client would send. */
import * as net from "node:net";

export interface RawAnswer {
	status: number;
	headers: Map<string, string>;
	body: string;
}

export interface RawResult {
	bytes: Buffer;
	text: string;
	closed: boolean; /* by the server */
	answers: RawAnswer[];
}

/* Sends the parts with a short pause between them and listens until the server closes, `enough` says so, or the time is over. */
export function raw(port: number, parts: (string | Buffer)[], o: { ms?: number; pause?: number; enough?: (text: string) => boolean } = {}): Promise<RawResult> {
	return new Promise((resolve) => {
		const got: Buffer[] = [];
		const socket = net.connect(port, "127.0.0.1");
		let finished = false;
		const finish = (closed: boolean): void => {
			if (finished) return;
			finished = true;
			clearTimeout(timer);
			socket.destroy();
			const bytes = Buffer.concat(got);
			resolve({ bytes, text: bytes.toString("latin1"), closed, answers: parse_answers(bytes.toString("latin1")) });
		};
		const timer = setTimeout(() => finish(false), o.ms ?? 5_000);
		socket.on("data", (data) => {
			got.push(data);
			if (o.enough?.(Buffer.concat(got).toString("latin1"))) finish(false);
		});
		socket.on("error", () => finish(true));
		socket.on("end", () => finish(true));
		socket.on("close", () => finish(true));
		socket.on("connect", () => void send_parts(socket, parts, o.pause ?? 30));
	});
}

async function send_parts(socket: net.Socket, parts: (string | Buffer)[], pause: number): Promise<void> {
	for (const part of parts) {
		if (socket.destroyed) return;
		socket.write(part);
		if (parts.length > 1) await new Promise((done) => setTimeout(done, pause));
	}
}

/* As many whole answers as there are. */
export function parse_answers(text: string): RawAnswer[] {
	const answers: RawAnswer[] = [];
	for (let rest = text; rest.length > 0; ) {
		const end = rest.indexOf("\r\n\r\n");
		if (end < 0) break;
		const [first, ...lines] = rest.slice(0, end).split("\r\n");
		const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1]);
		const headers = new Map(lines.map((line): [string, string] => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]));
		const length = status < 200 || status === 204 || status === 304 ? 0 : Number(headers.get("content-length") ?? rest.length);
		answers.push({ status, headers, body: rest.slice(end + 4, end + 4 + length) });
		rest = rest.slice(end + 4 + length);
	}
	return answers;
}

/* Enough when `count` answers (100 Continue not counted) have come whole. */
export function answers_come(count: number): (text: string) => boolean {
	return (text) => {
		const found = parse_answers(text).filter((answer) => answer.status >= 200);
		return found.length >= count && found.slice(0, count).every((a) => a.body.length === Number(a.headers.get("content-length") ?? 0));
	};
}

/* Opens a connection that says `bytes` and then keeps still. */
export function open_still(port: number, bytes: string | Buffer): Promise<{ socket: net.Socket; closed: Promise<void>; received: () => string }> {
	return new Promise((resolve, reject) => {
		const socket = net.connect(port, "127.0.0.1");
		let text = "";
		const closed = new Promise<void>((done) => socket.on("close", () => done()));
		socket.on("data", (data) => (text += data.toString("latin1")));
		socket.on("end", () => socket.destroy());
		socket.on("error", reject);
		socket.on("connect", () => {
			socket.removeListener("error", reject);
			socket.on("error", () => socket.destroy());
			if (bytes.length > 0) socket.write(bytes);
			resolve({ socket, closed, received: () => text });
		});
	});
}
