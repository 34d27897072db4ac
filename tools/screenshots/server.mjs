// A server on the demonstration's month, under a clock of its own, and what its people ask of it.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const KEY = "sk_default_k1_" + "screenshot".repeat(4);
const LISTENING = /listening"? .*?address="?127\.0\.0\.1:(\d+)/;

function findLibrary() {
	const found = readdirSync("/usr/lib").map((folder) => join("/usr/lib", folder, "faketime/libfaketimeMT.so.1")).find(existsSync);
	if (!found) throw new Error("libfaketime is not installed: tools/setup screenshots");
	return found;
}

const library = findLibrary();

const written = (moment) => moment.toISOString().slice(0, 19).replace("T", " ");

/** Fills the store with the month before `end`: always the same one. */
export function fillStore(program, store, end) {
	const done = spawnSync(program, ["demo", "--db", store], { env: { ...process.env, LD_PRELOAD: library, FAKETIME: written(end), TZ: "UTC" }, encoding: "utf8" });
	if (done.status !== 0) throw new Error(`demo ended with ${done.status}: ${done.stderr}`);
}

export class Server {
	constructor(program, folder, flags) {
		Object.assign(this, { program, folder, flags, clock: join(folder, "clock") });
	}

	/** What the server takes for the present time; it stands still there. What waits in the server waits by another clock. */
	goTo(moment) {
		writeFileSync(this.clock + ".new", written(moment) + "\n");
		renameSync(this.clock + ".new", this.clock);
	}

	async start() {
		const flags = ["serve", "--db", join(this.folder, "versioner.db"), "--listen", "127.0.0.1:0", "--rate-limit", "0", ...this.flags];
		const env = { TZ: "UTC", LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: this.clock, FAKETIME_NO_CACHE: "1", FAKETIME_DONT_FAKE_MONOTONIC: "1" };
		this.process = spawn(this.program, flags, { env: { ...process.env, ...env, VERSIONER_BOOTSTRAP_API_KEY: KEY }, stdio: ["ignore", "ignore", "pipe"] });
		let log = "";
		const port = await new Promise((done, fail) => {
			this.process.stderr.on("data", (data) => {
				log = (log + data).slice(-20_000);
				const found = LISTENING.exec(log);
				if (found) done(found[1]);
			});
			this.process.on("exit", (code) => fail(new Error(`the server ended with ${code}:\n${log}`)));
		});
		this.origin = `http://127.0.0.1:${port}`;
	}

	stop() {
		if (!this.process || this.process.exitCode !== null) return Promise.resolve();
		return new Promise((done) => {
			this.process.removeAllListeners("exit").on("exit", done);
			this.process.kill("SIGTERM");
		});
	}

	/** Somebody who asks; by the first key until they log in. */
	somebody(key = KEY) {
		return new Somebody(this, { Authorization: `Bearer ${key}` });
	}
}

class Somebody {
	constructor(server, headers) {
		Object.assign(this, { server, headers });
	}

	async ask(method, path, body) {
		const headers = { ...this.headers, ...(body && { "Content-Type": "application/json" }) };
		const answer = await fetch(this.server.origin + path, { method, headers, body: body && JSON.stringify(body) });
		const text = await answer.text();
		if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}: ${text}`);
		const cookie = answer.headers.get("set-cookie")?.split(";")[0];
		const json = text ? JSON.parse(text) : null;
		if (cookie) this.headers = { Cookie: cookie, "X-CSRF-Token": json.csrf_token };
		return json;
	}

	get(path) {
		return this.ask("GET", path);
	}

	post(path, body = {}) {
		return this.ask("POST", path, body);
	}

	patch(path, body) {
		return this.ask("PATCH", path, body);
	}

	delete(path) {
		return this.ask("DELETE", path);
	}
}
