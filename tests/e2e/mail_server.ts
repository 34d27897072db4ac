/* Owns a mail server (mail_server.py): starts it, keeps what it received. */
import { strict as assert } from "node:assert";
import { ChildProcess, spawn, spawnSync } from "node:child_process";
import * as path from "node:path";
import * as readline from "node:readline";
import { until } from "./receivers";
import { ROOT } from "./server";

const PYTHON = "/usr/bin/python3"; /* the system's own: aiosmtpd is a package of the system */
const HAS_AIOSMTPD = spawnSync(PYTHON, ["-c", "import aiosmtpd.smtp"]).status === 0;
export const NO_MAIL = HAS_AIOSMTPD ? false : "the Python package aiosmtpd is not installed";

export interface Mail {
	mail_from: string;
	recipients: string[];
	tls: boolean;
	user: string | null;
	headers: Record<string, string>; /* names in lower case, values decoded */
	types: string[]; /* of all parts */
	plain: string;
	html: string;
	defects: string[];
	longest_line: number;
	bare_newlines: number;
	eight_bit_headers: boolean;
}

export interface MailOptions {
	mode?: "plain" | "starttls" | "smtps";
	cert?: string;
	key?: string;
	user?: string;
	password?: string;
}

export class MailServer {
	readonly messages: Mail[] = [];
	port = 0;
	private child: ChildProcess | undefined;

	constructor(readonly options: MailOptions = {}) {}

	/* Started again it has the same port. */
	async start(): Promise<void> {
		const program = path.join(ROOT, "tests", "e2e", "mail_server.py");
		const child = spawn(PYTHON, ["-B", "-W", "ignore", program, JSON.stringify({ ...this.options, port: this.port })], { stdio: ["pipe", "pipe", "inherit"] });
		this.child = child;
		readline.createInterface({ input: child.stdout! }).on("line", (line) => this.take(JSON.parse(line)));
		const ready = (): boolean => this.listening || child.exitCode !== null;
		await until(ready, () => "the mail server did not start");
		assert.ok(this.listening, `the mail server ended with ${child.exitCode}`);
	}

	private listening = false;

	private take(said: any): void {
		if (said.port !== undefined) {
			this.port = said.port;
			this.listening = true;
		} else {
			this.messages.push(said);
		}
	}

	get url(): string {
		const user = this.options.user ? `${encodeURIComponent(this.options.user)}:${encodeURIComponent(this.options.password!)}@` : "";
		const host = this.options.mode && this.options.mode !== "plain" ? "localhost" : "127.0.0.1";
		return `${this.options.mode === "smtps" ? "smtps" : "smtp"}://${user}${host}:${this.port}`;
	}

	to(address: string): Mail[] {
		return this.messages.filter((mail) => mail.recipients?.includes(address));
	}

	/* Waits for so many messages to the address, and gives them, each one well-formed. */
	async wait(address: string, count: number): Promise<Mail[]> {
		await until(() => this.to(address).length >= count, () => `${address} got ${this.to(address).length} of ${count} messages`);
		const mails = this.to(address);
		mails.forEach(assert_well_formed);
		return mails;
	}

	async stop(): Promise<void> {
		const child = this.child;
		if (!child) return;
		this.child = undefined;
		this.listening = false;
		const closed = new Promise((done) => child.once("close", done));
		child.stdin!.end();
		const late = setTimeout(() => child.kill("SIGKILL"), 3_000);
		await closed;
		clearTimeout(late);
		this.messages.forEach(assert_well_formed);
	}
}

/* RFC 5322 and 2045: what any mail must be. */
function assert_well_formed(mail: Mail): void {
	assert.ok(!("unreadable" in mail), JSON.stringify(mail));
	assert.deepEqual(mail.defects, [], JSON.stringify(mail.headers));
	assert.ok(mail.longest_line <= 998, `a line of ${mail.longest_line} bytes`);
	assert.equal(mail.bare_newlines, 0, "line ends are CR LF");
	assert.equal(mail.eight_bit_headers, false, "headers are ASCII");
	for (const name of ["from", "to", "subject", "date", "message-id", "mime-version"]) assert.ok(mail.headers[name], `no ${name}: ${JSON.stringify(mail.headers)}`);
	assert.equal(mail.types[0], "multipart/alternative");
	assert.ok(mail.types.includes("text/plain") && mail.types.includes("text/html"), mail.types.join());
}
