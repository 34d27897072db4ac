/* A wall clock that a test moves forward while the server runs: libfaketime in front of the C library. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

function find_library(): string | undefined {
	for (const folder of fs.existsSync("/usr/lib") ? fs.readdirSync("/usr/lib") : []) {
		const file = path.join("/usr/lib", folder, "faketime", "libfaketimeMT.so.1");
		if (fs.existsSync(file)) return file;
	}
	return undefined;
}

const LIBRARY = find_library();
export const NO_CLOCK = process.env.VERSIONER_SANITIZED ? "a sanitizer must be the first library" : LIBRARY ? false : "libfaketime is not installed";

export class Clock {
	private readonly dir = fs.mkdtempSync(path.join(os.tmpdir(), "versioner-clock-"));
	private readonly file = path.join(this.dir, "offset");
	private ahead = 0; /* seconds */

	constructor() {
		this.write();
	}

	/* For the server that shall see this clock. Its steady clock stays true: what waits in there waits as long as ever. */
	get env(): Record<string, string> {
		return { LD_PRELOAD: LIBRARY!, FAKETIME_TIMESTAMP_FILE: this.file, FAKETIME_NO_CACHE: "1", FAKETIME_DONT_FAKE_MONOTONIC: "1" };
	}

	now(): number {
		return Date.now() + this.ahead * 1000;
	}

	forward(seconds: number): void {
		this.ahead += Math.ceil(seconds);
		this.write();
	}

	/* To that time, unless it is past already. */
	forward_to(milliseconds: number): void {
		this.forward(Math.max(0, (milliseconds - this.now()) / 1000));
	}

	private write(): void {
		fs.writeFileSync(`${this.file}.new`, `+${this.ahead}\n`);
		fs.renameSync(`${this.file}.new`, this.file);
	}

	remove(): void {
		fs.rmSync(this.dir, { recursive: true, force: true });
	}
}
