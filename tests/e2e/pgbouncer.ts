/* A PgBouncer of a test's own in front of the tests' PostgreSQL, and a database of its own behind it: PgBouncer does not pass on the
 * schema that other tests choose in the URI. */
import { ChildProcess, spawn, spawnSync } from "node:child_process";
import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { ON_POSTGRESQL } from "./engine";
import { sleep } from "./server";

const PROGRAM = ["/usr/sbin", ...(process.env.PATH ?? "").split(":")].map((dir) => path.join(dir, "pgbouncer")).find((file) => fs.existsSync(file));

/* For { skip }. */
export const NO_PGBOUNCER: string | false = !ON_POSTGRESQL ? "of PostgreSQL: VERSIONER_TEST_DB is not set" : PROGRAM ? false : "pgbouncer is not installed";

const PATIENCE = 10_000;
let databases = 0;

function psql(sql: string): void {
	const result = spawnSync("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", process.env.VERSIONER_TEST_DB!, "-c", sql], { encoding: "utf8" });
	assert.equal(result.status, 0, result.stderr);
}

async function free_port(): Promise<number> {
	const server = net.createServer();
	await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
	const { port } = server.address() as net.AddressInfo;
	await new Promise<void>((done) => server.close(() => done()));
	return port;
}

const answers = (port: number): Promise<boolean> =>
	new Promise((resolve) => {
		const socket = net.connect(port, "127.0.0.1", () => resolve(true));
		socket.on("error", () => resolve(false));
		socket.on("connect", () => socket.destroy());
	});

export interface PoolOptions {
	pool_size?: number; /* connections to the database; default 10 */
}

export class PgBouncer {
	readonly direct: string; /* the database without PgBouncer */
	private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "versioner-pgbouncer-"));
	private readonly database = `pgbouncer_${process.pid}_${++databases}`;
	private readonly user: string;
	private port = 0;
	private said = "";
	private child: ChildProcess | undefined;
	private ended: Promise<void> | undefined;

	constructor(private readonly options: PoolOptions = {}) {
		const direct = new URL(process.env.VERSIONER_TEST_DB!);
		direct.pathname = `/${this.database}`;
		this.direct = direct.href;
		this.user = direct.username;
		psql(`CREATE DATABASE ${this.database}`);
	}

	/* docs/operations/postgresql.md shows these lines. */
	private write_config(): void {
		const { hostname, port } = new URL(this.direct);
		const lines = [
			"[databases]",
			`* = host=${hostname} port=${port || 5432}`,
			"[pgbouncer]",
			"listen_addr = 127.0.0.1",
			`listen_port = ${this.port}`,
			"unix_socket_dir =",
			"auth_type = trust",
			`auth_file = ${path.join(this.folder, "users.txt")}`,
			"pool_mode = transaction",
			`default_pool_size = ${this.options.pool_size ?? 10}`,
			"max_client_conn = 200",
		];
		fs.chmodSync(this.folder, 0o755); /* it may run as another user */
		fs.writeFileSync(path.join(this.folder, "users.txt"), `"${this.user}" ""\n`);
		fs.writeFileSync(path.join(this.folder, "pgbouncer.ini"), lines.join("\n") + "\n");
	}

	/* It refuses to run as root: then it runs as the user postgres. */
	private spawn(): void {
		const command = [PROGRAM!, path.join(this.folder, "pgbouncer.ini")];
		if (process.getuid!() === 0) command.unshift("setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups");
		const child = spawn(command[0], command.slice(1), { cwd: this.folder, stdio: ["ignore", "ignore", "pipe"] });
		child.stderr.setEncoding("utf8").on("data", (text: string) => (this.said += text));
		this.ended = new Promise((done) => child.on("close", () => done()).on("error", () => done()));
		this.child = child;
	}

	/* Again after kill(): on the same port. */
	async start(): Promise<void> {
		this.port ||= await free_port();
		this.write_config();
		this.spawn();
		for (const deadline = Date.now() + PATIENCE; !(await answers(this.port)); await sleep(10)) {
			assert.ok(Date.now() < deadline && this.child!.exitCode === null, `pgbouncer did not start:\n${this.said}`);
		}
	}

	async kill(): Promise<void> {
		if (this.child?.pid !== undefined) this.child.kill("SIGKILL");
		await this.ended;
		this.child = undefined;
	}

	async stop(): Promise<void> {
		await this.kill();
		psql(`DROP DATABASE IF EXISTS ${this.database} WITH (FORCE)`);
		fs.rmSync(this.folder, { recursive: true, force: true });
	}

	/* parameters: "versioner_prepared=off", or nothing. */
	url(parameters = "versioner_prepared=off"): string {
		return `postgresql://${this.user}@127.0.0.1:${this.port}/${this.database}${parameters ? `?${parameters}` : ""}`;
	}
}

/* One for one test. */
export async function with_pgbouncer(options: PoolOptions, test: (pooler: PgBouncer) => Promise<void>): Promise<void> {
	const pooler = new PgBouncer(options);
	try {
		await pooler.start();
		await test(pooler);
	} finally {
		await pooler.stop();
	}
}
