/* A command on a terminal: what it shows, keys, sizes and signals. */
import { strict as assert } from "node:assert";
import { ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import * as os from "node:os";
import * as path from "node:path";
import { ROOT, sleep } from "./server";

export const HAS_PYTHON = spawnSync("python3", ["-c", "import pty"]).status === 0;

export interface TerminalOptions {
	columns?: number;
	rows?: number;
	env: Record<string, string | undefined>;
	cwd: string;
}

export class Terminal {
	shown = ""; /* everything since the start */
	private said = "";
	private readonly child: ChildProcessWithoutNullStreams;
	private readonly closed: Promise<void>;

	constructor(command: string[], o: TerminalOptions) {
		const args = [path.join(ROOT, "tests", "e2e", "terminal.py"), String(o.columns ?? 80), String(o.rows ?? 24), ...command];
		const env = { PATH: process.env.PATH, TERM: "xterm", ...o.env };
		this.child = spawn("python3", args, { env: env as NodeJS.ProcessEnv, cwd: o.cwd, stdio: ["pipe", "pipe", "pipe"] });
		this.child.stdout.setEncoding("utf8").on("data", (text: string) => (this.shown += text));
		this.child.stderr.setEncoding("utf8").on("data", (text: string) => (this.said += text));
		this.child.stdin.on("error", () => undefined);
		this.closed = new Promise((done) => this.child.on("close", () => done()));
	}

	private tell(order: object): void {
		this.child.stdin.write(JSON.stringify(order) + "\n");
	}
	keys(keys: string): void {
		this.tell({ keys });
	}
	resize(columns: number, rows: number): void {
		this.tell({ size: [columns, rows] });
	}
	signal(signal: NodeJS.Signals): void {
		this.tell({ signal: os.constants.signals[signal] });
	}

	/* What is shown from `from` on must come to match. */
	async wait_for(pattern: RegExp, from = 0): Promise<void> {
		for (const deadline = Date.now() + 20_000; !pattern.test(this.shown.slice(from)); await sleep(20))
			assert.ok(Date.now() < deadline, `never shown: ${pattern} in\n${JSON.stringify(this.shown.slice(from))}\n${this.said}`);
	}

	/* Waits for the command's end. */
	async end(): Promise<{ exit?: number; signal?: number }> {
		const late = setTimeout(() => this.child.kill("SIGKILL"), 30_000);
		await this.closed;
		clearTimeout(late);
		return JSON.parse(this.said.trim().split("\n").pop() || "{}");
	}
}

/* Without colours and other sequences; lines end in "\n". */
export const plain = (shown: string): string => shown.replace(/\x1b\[[0-9;?]*[a-zA-Z]/g, "").replace(/\r\n/g, "\n");
