/* A PostgreSQL of a test's own, with standbys that stream from it: for tests that kill servers of the database. tools/postgresql-cluster does the work. */
import { spawnSync } from "node:child_process";
import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { ON_POSTGRESQL } from "./engine";
import { ROOT, sleep } from "./server";

/* For { skip }: the stage that has a PostgreSQL runs these tests, the other one has none. */
export const NO_CLUSTER: string | false = ON_POSTGRESQL ? false : "of PostgreSQL: VERSIONER_TEST_DB is not set";

function tool(...words: string[]): string {
	const result = spawnSync(path.join(ROOT, "tools", "postgresql-cluster"), words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: 120_000 });
	assert.equal(result.status, 0, `postgresql-cluster ${words.join(" ")}: ${result.stderr}`);
	return result.stdout.trim();
}

/* The processes that a process has started. */
function children_of(pid: number): number[] {
	const text = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
	return text === "" ? [] : text.split(" ").map(Number);
}

/* A signal to a process that may just have ended. */
function signal(pid: number, name: NodeJS.Signals): void {
	try {
		process.kill(pid, name);
	} catch (failure) {
		if ((failure as NodeJS.ErrnoException).code !== "ESRCH") throw failure;
	}
}

/* One that nobody has waited for yet has ended, too. */
function is_alive(pid: number): boolean {
	try {
		return !/^\d+ \(.*\) [ZX]/s.test(fs.readFileSync(`/proc/${pid}/stat`, "utf8"));
	} catch {
		return false;
	}
}

/* One server of PostgreSQL. */
export class DatabaseNode {
	readonly url: string;

	constructor(
		readonly folder: string,
		url: string,
	) {
		this.url = url;
	}

	get name(): string {
		return path.basename(this.folder);
	}

	get port(): number {
		return Number(new URL(this.url).port);
	}

	/* Of the process that started all its others. */
	get pid(): number {
		return Number(fs.readFileSync(path.join(this.folder, "data", "postmaster.pid"), "utf8").split("\n")[0]);
	}

	/* The first column of each row. */
	query(sql: string): string[] {
		const result = spawnSync("psql", ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", this.url, "-c", sql], { encoding: "utf8", timeout: 30_000 });
		assert.equal(result.status, 0, `${sql}: ${result.stderr}`);
		return result.stdout.split("\n").filter((line) => line !== "");
	}

	async wait_for(sql: string, what: string): Promise<void> {
		for (const deadline = Date.now() + 30_000; this.query(sql)[0] !== "t"; await sleep(20)) assert.ok(Date.now() < deadline, `${this.name}: ${what}`);
	}

	/* As a machine that loses its power: all of its processes at one moment. */
	async kill(): Promise<void> {
		const { pid } = this;
		signal(pid, "SIGSTOP"); /* it starts no more */
		const all = [...children_of(pid), pid];
		for (const each of all) signal(each, "SIGKILL");
		for (const deadline = Date.now() + 10_000; all.some(is_alive); await sleep(5)) assert.ok(Date.now() < deadline, `${this.name} does not die`);
	}

	/* Nobody answers, and no connection ends: a machine that hangs, until go_on(). */
	freeze(): void {
		const { pid } = this;
		for (const each of [pid, ...children_of(pid)]) signal(each, "SIGSTOP");
	}

	go_on(): void {
		const { pid } = this;
		for (const each of [...children_of(pid), pid]) signal(each, "SIGCONT");
	}

	/* After kill() has ended; on the same port, in the role that it had. */
	start_again(): void {
		tool("again", this.folder);
	}

	/* A standby becomes a primary; it waits for no other standby. */
	promote(): void {
		tool("promote", this.folder);
		this.set("synchronous_standby_names", "");
	}

	set(setting: string, value: string): void {
		this.query(`ALTER SYSTEM SET ${setting} = '${value}'`);
		this.query("SELECT pg_reload_conf()");
	}

	/* Commits on this one wait until `standby` has them on its disk, too. */
	async wait_for_standby(standby: DatabaseNode): Promise<void> {
		this.set("synchronous_standby_names", `"${standby.name}"`);
		await this.wait_for(`SELECT count(*) = 1 FROM pg_stat_replication WHERE application_name = '${standby.name}' AND sync_state = 'sync'`, `${standby.name} never became synchronous`);
	}

	/* Until `standby` shows what has been committed here so far. */
	async wait_until_shown_by(standby: DatabaseNode): Promise<void> {
		/* What is not synced with each commit is so a moment later. */
		const [position] = this.query("SELECT pg_current_wal_insert_lsn()");
		await standby.wait_for(`SELECT pg_last_wal_replay_lsn() >= '${position}'`, "the standby does not follow");
	}
}

/* A primary and its standbys in a temporary folder. stop() ends all of them, whatever became of them. */
export class DatabaseCluster {
	private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "versioner-cluster-"));
	readonly nodes: DatabaseNode[] = []; /* the primary first, then standbys in the order of their making */
	readonly primary: DatabaseNode; /* the first one; after a failover, the test knows which one is */

	/* durable: everything is synced to the disk, as where power may be lost. */
	constructor(options: { durable?: boolean } = {}) {
		fs.chmodSync(this.folder, 0o755); /* the servers may run as another user */
		this.primary = this.add((folder) => tool("start", ...(options.durable ? ["--durable"] : []), folder));
	}

	private add(start: (folder: string) => string): DatabaseNode {
		const folder = path.join(this.folder, `node${this.nodes.length + 1}`);
		const node = new DatabaseNode(folder, start(folder));
		this.nodes.push(node);
		return node;
	}

	/* It streams from `from`. synchronous: what `from` commits is on both disks when it is answered. port: of one that is gone, whose place it takes. */
	async add_standby(options: { synchronous?: boolean; from?: DatabaseNode; port?: number } = {}): Promise<DatabaseNode> {
		const from = options.from ?? this.primary;
		const node = this.add((folder) => tool("standby", folder, from.folder, ...(options.port ? [String(options.port)] : [])));
		await from.wait_for(`SELECT count(*) = 1 FROM pg_stat_replication WHERE application_name = '${node.name}' AND state = 'streaming'`, `${node.name} does not stream`);
		if (options.synchronous) await from.wait_for_standby(node);
		return node;
	}

	/* One URI with several hosts, in this order. */
	url_of(...nodes: DatabaseNode[]): string {
		return `postgresql://versioner@${nodes.map((node) => `127.0.0.1:${node.port}`).join(",")}/postgres`;
	}

	stop(): void {
		for (const node of this.nodes) {
			try {
				node.go_on();
			} catch {
				/* it was killed: there is nobody to go on */
			}
			tool("stop", node.folder);
		}
		fs.rmSync(this.folder, { recursive: true, force: true });
	}
}

/* A cluster for one test. */
export async function with_cluster(options: { durable?: boolean }, test: (cluster: DatabaseCluster) => Promise<void>): Promise<void> {
	const cluster = new DatabaseCluster(options);
	try {
		await test(cluster);
	} finally {
		cluster.stop();
	}
}
