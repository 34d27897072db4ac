/* Owns one running server: a folder, a free port, the log. Ending it is an assertion: exit code, sanitizers, errors, secrets. */
import { spawn, spawnSync, ChildProcess, SpawnSyncReturns } from "node:child_process";
import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { after, before } from "node:test";
import * as fs from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import * as os from "node:os";
import * as path from "node:path";
import { make_store, remove_store } from "./engine";

export const ROOT = find_root(__dirname);
export const BINARY = path.resolve(ROOT, process.env.VERSIONER_BIN ?? "build/versioner");
export const DATA = process.env.VERSIONER_TEST_DATA ?? path.join(ROOT, "tests", "data");

const SANITIZED = Boolean(process.env.VERSIONER_SANITIZED);
const START_PATIENCE = SANITIZED ? 60_000 : 20_000;
const STOP_PATIENCE = SANITIZED ? 40_000 : 10_000; /* the specification's ten seconds */
const SANITIZER_WORDS = /ERROR: AddressSanitizer|ERROR: LeakSanitizer|WARNING: ThreadSanitizer|runtime error:/;

function find_root(from: string): string {
	for (let dir = from; dir !== path.dirname(dir); dir = path.dirname(dir))
		if (fs.existsSync(path.join(dir, "tests", "data", "status-map.tsv"))) return dir;
	throw new Error(`no tests/data above ${from}`);
}

const ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

export function random_alnum(length: number): string {
	return Array.from(randomBytes(length), (byte) => ALNUM[byte % ALNUM.length]).join("");
}

export function new_key(id = "k1"): string {
	return `sk_default_${id}_${random_alnum(40)}`;
}

let counter = 0;
/* A name that no other test of this run uses. */
export function unique(prefix: string): string {
	return `${prefix}-${process.pid}-${++counter}`;
}

export const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export interface Answer {
	status: number;
	headers: http.IncomingHttpHeaders;
	bytes: Buffer;
	text: string;
	/* The parsed body when it is JSON, else undefined. */
	json: any;
}

export interface RequestOptions {
	key?: string | null; /* null: no Authorization */
	headers?: http.OutgoingHttpHeaders;
	body?: unknown; /* a Buffer or string goes as it is, all else as JSON */
	timeout?: number;
	agent?: http.Agent | false;
}

export interface ServerOptions {
	args?: string[];
	env?: Record<string, string>;
	dir?: string; /* kept by the caller; default: a fresh temporary one that close() removes */
	db?: string;
	key?: string;
	bootstrap?: boolean; /* give the key by VERSIONER_BOOTSTRAP_API_KEY; default true */
	tls?: { cert: string; key: string };
	rate_limit?: number | "standard"; /* default 0: none */
}

export interface Exit {
	code: number | null;
	signal: NodeJS.Signals | null;
	milliseconds: number;
}

/* A child that could not be started has no pid, and a signal to it would be one to this whole process group. */
function end_now(child: ChildProcess): void {
	if (child.pid !== undefined) child.kill("SIGKILL");
}

const alive = new Set<ChildProcess>();
process.on("exit", () => alive.forEach(end_now));

export class Server {
	readonly dir: string;
	readonly db: string;
	readonly key: string;
	port = 0;
	log = ""; /* standard error since the first start */
	out = ""; /* standard output since the first start */
	private child: ChildProcess | undefined;
	private exited: Promise<Exit> | undefined;
	private readonly owns_dir: boolean;
	private readonly expected: RegExp[] = [];
	private readonly secrets: string[] = [];
	private agent: http.Agent;

	constructor(readonly options: ServerOptions = {}) {
		this.owns_dir = options.dir === undefined;
		this.dir = options.dir ?? fs.mkdtempSync(path.join(os.tmpdir(), "versioner-e2e-"));
		this.db = options.db ?? make_store(this.dir);
		this.key = options.key ?? new_key();
		this.agent = this.new_agent();
	}

	private new_agent(): http.Agent {
		const options = { keepAlive: true, maxSockets: 64 };
		return this.options.tls ? new https.Agent({ ...options, ca: fs.readFileSync(this.options.tls.cert) }) : new http.Agent(options);
	}

	get url(): string {
		return `${this.options.tls ? "https" : "http"}://127.0.0.1:${this.port}`;
	}

	get pid(): number {
		assert.ok(this.child?.pid, "the server runs");
		return this.child.pid;
	}

	/* Log lines that match are no failure of the test: it provokes them. */
	expect_errors(pattern: RegExp): void {
		this.expected.push(pattern);
	}

	/* A text that may stand in no answer and in no line of the log from here on. */
	keep_secret(secret: string): void {
		this.secrets.push(secret);
	}

	environment(): NodeJS.ProcessEnv {
		return { PATH: process.env.PATH, HOME: this.dir, VERSIONER_DB: this.db, ...sanitizer_options(), ...this.options.env };
	}

	arguments(): string[] {
		const own = this.options.args ?? [];
		const args = ["serve", "--db", this.db, "--public-url", "http://versioner.test"];
		if (!own.includes("--listen")) args.push("--listen", "127.0.0.1:0");
		if (this.options.rate_limit !== "standard" && !own.includes("--rate-limit")) args.push("--rate-limit", String(this.options.rate_limit ?? 0));
		if (this.options.tls) args.push("--tls-cert", this.options.tls.cert, "--tls-key", this.options.tls.key);
		return [...args, ...own];
	}

	async start(): Promise<void> {
		const env = this.environment();
		if (this.options.bootstrap !== false) env.VERSIONER_BOOTSTRAP_API_KEY ??= this.key;
		const child = spawn(BINARY, this.arguments(), { env, cwd: this.dir, stdio: ["ignore", "pipe", "pipe"] });
		const from = this.log.length;
		this.child = child;
		alive.add(child);
		this.exited = watch_exit(child);
		child.stdout!.setEncoding("utf8").on("data", (text: string) => (this.out += text));
		child.stderr!.setEncoding("utf8").on("data", (text: string) => {
			this.log += text;
			if (process.env.VERSIONER_E2E_LOG) process.stderr.write(text);
		});
		this.agent = this.new_agent();
		this.port = await this.wait_for_port(from);
	}

	private async wait_for_port(from: number): Promise<number> {
		for (const deadline = Date.now() + START_PATIENCE; Date.now() < deadline; await sleep(10)) {
			const found = /\blistening"? .*?address"?[=:]"?127\.0\.0\.1:(\d+)|"address":"127\.0\.0\.1:(\d+)"/.exec(this.log.slice(from));
			if (found) return Number(found[1] ?? found[2]);
			if (this.child!.pid === undefined || this.child!.exitCode !== null || this.child!.signalCode !== null) break;
		}
		end_now(this.child!);
		this.child = undefined;
		throw new Error(`${BINARY} serve did not start:\n${this.log.slice(from)}\n${this.out}`);
	}

	async wait_for_log(pattern: RegExp): Promise<void> {
		for (const deadline = Date.now() + 5_000; !pattern.test(this.log); await sleep(10)) assert.ok(Date.now() < deadline, `the log never said ${pattern}:\n${this.log.slice(-2000)}`);
	}

	/* Sends the signal, if any, and waits for the end. */
	async stop(signal: NodeJS.Signals | undefined = "SIGTERM", patience = STOP_PATIENCE): Promise<Exit> {
		assert.ok(this.child && this.exited, "the server was started");
		const child = this.child;
		const begun = Date.now();
		if (signal) child.kill(signal);
		const late = setTimeout(() => end_now(child), patience + 5_000);
		const exit = await this.exited;
		clearTimeout(late);
		this.child = undefined;
		this.agent.destroy();
		return { ...exit, milliseconds: Date.now() - begun };
	}

	running(): boolean {
		return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
	}

	/* The end of a test: stop, then everything that must hold of a server that has ended well. */
	async close(): Promise<void> {
		try {
			if (this.child) this.assert_clean_exit(await this.stop());
			this.assert_clean_log();
		} catch (failure) {
			if (process.env.VERSIONER_E2E_KEEP) fs.writeFileSync(path.join(this.dir, "server.log"), this.log);
			else process.stderr.write(`last lines of the server's log:\n${this.log.slice(-4000)}\n`);
			throw failure;
		} finally {
			if (this.owns_dir && !process.env.VERSIONER_E2E_KEEP) {
				fs.rmSync(this.dir, { recursive: true, force: true });
				remove_store(this.dir);
			}
		}
	}

	assert_clean_exit(exit: Exit): void {
		assert.equal(exit.signal, null, `ended by a signal; log:\n${this.log.slice(-4000)}`);
		assert.equal(exit.code, 0, `exit code; log:\n${this.log.slice(-4000)}`);
		assert.ok(exit.milliseconds <= STOP_PATIENCE, `took ${exit.milliseconds} ms to stop`);
	}

	assert_clean_log(): void {
		assert.doesNotMatch(this.log, SANITIZER_WORDS);
		const errors = this.log.split("\n").filter((line) => /\blevel=error\b|"level":"error"/.test(line));
		assert.deepEqual(errors.filter((line) => !this.expected.some((pattern) => pattern.test(line))), [], "errors in the log");
		if (this.options.bootstrap !== false) this.assert_not_logged(this.key);
		for (const secret of this.secrets) assert.ok(!this.log.includes(secret) && !this.out.includes(secret), `a secret stands in the log: ${secret}`);
	}

	private assert_not_told(answer: Answer, method: string, target: string): Answer {
		for (const secret of this.secrets) assert.ok(!answer.text.includes(secret), `${method} ${target} tells a secret: ${secret}`);
		return answer;
	}

	assert_not_logged(secret: string): void {
		const tail = secret.split("_").pop()!;
		assert.ok(!this.log.includes(tail) && !this.out.includes(tail), "a secret stands in the log");
	}

	request(method: string, target: string, o: RequestOptions = {}): Promise<Answer> {
		const headers: http.OutgoingHttpHeaders = { ...o.headers };
		const key = o.key === undefined ? this.key : o.key;
		if (key !== null && !has_header(headers, "authorization")) headers.authorization = `Bearer ${key}`;
		const body = body_bytes(o.body);
		if (body && !has_header(headers, "content-type") && !(o.body instanceof Buffer)) headers["content-type"] = "application/json";
		if (body && !has_header(headers, "transfer-encoding")) headers["content-length"] = body.length;
		const options = { method, host: "127.0.0.1", port: this.port, path: target, headers, agent: o.agent ?? this.agent, timeout: o.timeout ?? 60_000 };
		return new Promise((resolve, reject) => {
			const sent = this.options.tls
				? https.request({ ...options, ca: fs.readFileSync(this.options.tls.cert), servername: "localhost" })
				: http.request(options);
			sent.on("response", (incoming) => void collect(incoming).then((answer) => this.assert_not_told(answer, method, target)).then(resolve, reject));
			sent.on("timeout", () => sent.destroy(new Error(`no answer to ${method} ${target}`)));
			sent.on("error", reject);
			sent.end(body);
		});
	}

	get(target: string, o: RequestOptions = {}): Promise<Answer> {
		return this.request("GET", target, o);
	}

	post(target: string, body: unknown, o: RequestOptions = {}): Promise<Answer> {
		return this.request("POST", target, { ...o, body });
	}

	/* The same binary with other arguments, on the same database. */
	run(...args: string[]): SpawnSyncReturns<string> {
		return run_binary(args, { env: this.environment(), cwd: this.dir });
	}

	assert_check_is_green(): void {
		const result = this.run("check", "--db", this.db);
		assert.equal(result.status, 0, `versioner check:\n${result.stdout}${result.stderr}`);
	}
}

export function run_binary(args: string[], o: { env?: NodeJS.ProcessEnv; cwd?: string } = {}): SpawnSyncReturns<string> {
	const env = { PATH: process.env.PATH, ...sanitizer_options(), ...o.env };
	const result = spawnSync(BINARY, args, { env, cwd: o.cwd ?? os.tmpdir(), encoding: "utf8", timeout: 120_000, input: "" });
	assert.equal(result.error, undefined, `${args.join(" ")}: ${result.error}`);
	assert.doesNotMatch(result.stderr, SANITIZER_WORDS);
	return result;
}

function sanitizer_options(): NodeJS.ProcessEnv {
	const names = ["ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"];
	return Object.fromEntries(names.filter((name) => process.env[name]).map((name) => [name, process.env[name]]));
}

function watch_exit(child: ChildProcess): Promise<Exit> {
	return new Promise((resolve) => {
		child.on("error", () => {
			alive.delete(child);
			resolve({ code: null, signal: null, milliseconds: 0 });
		});
		child.on("close", (code, signal) => {
			alive.delete(child);
			resolve({ code, signal, milliseconds: 0 });
		});
	});
}

function has_header(headers: http.OutgoingHttpHeaders, name: string): boolean {
	return Object.keys(headers).some((key) => key.toLowerCase() === name);
}

function body_bytes(body: unknown): Buffer | undefined {
	if (body === undefined) return undefined;
	if (body instanceof Buffer) return body;
	return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

/* Every answer is held to what all answers must be. Of one without an end, its beginning (stream.ts reads on). */
async function collect(incoming: http.IncomingMessage): Promise<Answer> {
	const parts: Buffer[] = [];
	if (incoming.headers["content-type"] === "text/event-stream") incoming.destroy();
	else for await (const part of incoming) parts.push(part as Buffer);
	const bytes = Buffer.concat(parts);
	const headers = incoming.headers;
	const plain = !headers["content-encoding"];
	const is_json = plain && bytes.length > 0 && /^application\/json\b/.test(headers["content-type"] ?? "");
	const answer = { status: incoming.statusCode!, headers, bytes, text: bytes.toString("utf8"), json: undefined as any };
	if (is_json) answer.json = JSON.parse(answer.text);
	assert.ok(headers["x-request-id"], `an answer ${answer.status} without X-Request-Id: ${answer.text}`);
	if (answer.status >= 400 && bytes.length > 0) assert.ok(is_json, `an error ${answer.status} that is not JSON: ${answer.text}`);
	return answer;
}

/* Inside describe(): a server for all its tests. */
export function use_server(options: ServerOptions = {}): Server {
	const server = new Server(options);
	before(() => server.start());
	after(() => server.close());
	return server;
}

/* A server for one test. */
export async function with_server(options: ServerOptions, test: (server: Server) => Promise<void>): Promise<void> {
	const server = new Server(options);
	let failed = true;
	try {
		await server.start();
		await test(server);
		failed = false;
	} finally {
		if (failed) await server.close().catch(() => undefined);
		else await server.close();
	}
}

/* A start that must be refused: gives the exit code and everything that was said. */
export function refused_start(server: Server, extra_env: Record<string, string> = {}): { status: number | null; said: string } {
	const env: NodeJS.ProcessEnv = { ...server.environment(), VERSIONER_BOOTSTRAP_API_KEY: server.key, ...extra_env };
	const result = spawnSync(BINARY, server.arguments(), { env, cwd: server.dir, encoding: "utf8", timeout: START_PATIENCE });
	assert.notEqual(result.signal, "SIGTERM", "the server started although it should have refused");
	return { status: result.status, said: result.stdout + result.stderr };
}
