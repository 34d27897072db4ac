/* versioner run: the program as it would run without us, and what the server learns of it. */
import { strict as assert } from "node:assert";
import { spawn, spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { events_of, list_all, TIME } from "./api";
import { Fate, Ran, RECORDED, RunOptions, use_front, use_home, with_home } from "./cli";
import { BINARY, sleep, unique, use_server } from "./server";
import { HAS_PYTHON, plain, Terminal } from "./terminal";

const NO_PYTHON = HAS_PYTHON ? false : "python3 is not there";
const UNSHARE = ["unshare", "--fork", "--pid", "--mount-proc"];
const CANNOT_UNSHARE = spawnSync(UNSHARE[0], [...UNSHARE.slice(1), "true"]).status === 0 ? false : "unshare is not allowed here";
const ENDS: Record<string, [string, number]> = { SIGINT: ["aborted", 130], SIGTERM: ["aborted", 143], SIGHUP: ["failed", 129], SIGQUIT: ["failed", 131],
	SIGUSR1: ["failed", 138], SIGUSR2: ["failed", 140] };
const BLOCKED: Fate = { status: 423, body: JSON.stringify({ detail: { error: "deployment_blocked", message: "Closed", code: "NO_DEPLOY_WINDOW",
	retry_after: "2026-05-25T06:00:00Z", details: { rule_name: "Friday freeze" } } }) };
const DOWN: Fate = { status: 500, body: '{"detail":"Internal server error"}' };

describe("versioner run", { concurrency: 4 }, () => {
	const server = use_server();
	const home = use_home();
	const env = (): Record<string, string> => ({ HOME: home.dir, VERSIONER_API_KEY: server.key, VERSIONER_API_URL: server.url });
	const flags = (product: string): string[] => ["run", "--product", product, "--environment", "production", "--version", "1.2.3"];
	const run = (product: string, command: string[], o: RunOptions & { flags?: string[] } = {}): Promise<Ran> =>
		home.run([...flags(product), ...(o.flags ?? []), "--", ...command], { ...o, env: { ...env(), ...o.env } });
	const deployments = (product: string): Promise<any[]> => list_all(server, "/deployments/", { product });
	async function only(product: string): Promise<any> {
		const all = await deployments(product);
		assert.equal(all.length, 1, JSON.stringify(all));
		return all[0];
	}
	/* Sends the signal once the program says that it is there. */
	const signalled = (...signals: NodeJS.Signals[]): RunOptions => ({
		started: (child) => child.stdout!.once("data", () => void (async () => {
			for (const signal of signals) {
				child.kill(signal);
				await sleep(150);
			}
		})()) });

	test("standard streams are the program's alone, byte for byte", async () => {
		const bytes = Array.from({ length: 5000 }, (_, i) => `${i}\0\t\r\n`).join("");
		const ran = await run(unique("p"), ["sh", "-c", "cat; echo to stderr >&2"], { input: bytes });
		assert.equal(ran.out, bytes);
		assert.equal(ran.status, 0);
		const own = ran.err.split("\n").filter((line) => line !== "to stderr").join("\n");
		assert.match(own, /^(✓ Deployment event tracked successfully\n  Event ID: \S+\n){2}$/);
	});

	test("arguments are passed as they are, and flags among them are not ours", async () => {
		for (const dashes of [["--"], []]) {
			const ran = await home.run([...flags(unique("p")), ...dashes, "printf", "<%s>", "--version", "a b", "", "--help", "*", "--"], { env: env() });
			assert.equal(ran.out, "<--version><a b><><--help><*><-->", ran.err);
		}
	});

	test("a success: started, then completed, with times, duration and exit code", async () => {
		const product = unique("p");
		assert.equal((await run(product, ["sleep", "0.3"])).status, 0);
		const record = await only(product);
		assert.equal(record.status, "completed");
		assert.match(record.started_at, TIME);
		const took = Date.parse(record.completed_at) - Date.parse(record.started_at);
		assert.ok(took >= 300 && took < 60_000, `${took} ms`);
		assert.ok(record.extra_metadata.vi_run_duration_ms >= 300 && record.extra_metadata.vi_run_duration_ms <= took);
		assert.deepEqual({ ...record.extra_metadata, vi_run_duration_ms: 0 }, { vi_run_exit_code: 0, vi_run_duration_ms: 0 });
		assert.equal(record.error_message, null);
		assert.deepEqual((await events_of(server, product)).map((e) => e.event_type).reverse(), ["deployment.started", "deployment.completed"]);
	});

	for (const code of [1, 2, 5, 126, 127, 130, 255])
		test(`exit code ${code} is passed through, and failed`, async () => {
			const product = unique("p");
			assert.equal((await run(product, ["sh", "-c", `exit ${code}`])).status, code);
			const record = await only(product);
			assert.deepEqual([record.status, record.extra_metadata.vi_run_exit_code, record.error_message], ["failed", code, null]);
		});

	const unstartable: [string, (dir: string) => string, number, RegExp][] = [
		["not found", () => "no-such-program", 127, /^no-such-program: No such file/],
		["not executable", (dir) => path.join(dir, "data"), 126, /Permission denied$/],
		["a folder", (dir) => dir, 126, /Permission denied$/],
	];
	for (const [name, program, code, message] of unstartable)
		test(`a program that is ${name}: ${code}, and failed`, async () => {
			const product = unique("p");
			home.file("data", "x");
			const ran = await run(product, [program(home.dir), "secret-argument"]);
			assert.equal(ran.status, code, ran.said);
			assert.equal(ran.out, "");
			const record = await only(product);
			assert.equal(record.status, "failed");
			assert.match(record.error_message, message);
			assert.ok(ran.err.includes(`versioner run: ${record.error_message}\n`));
			assert.ok(!JSON.stringify(record).includes("secret-argument"), "arguments are not told");
		});

	test("the program is found in PATH, and a script without a first line is one of the shell", async () => {
		fs.chmodSync(home.file("bin/deploy", "echo script $1\n"), 0o755);
		const ran = await run(unique("p"), ["deploy", "it"], { env: { PATH: `${home.dir}/bin:${process.env.PATH}` } });
		assert.equal(ran.out, "script it\n");
	});

	/* ---- signals ---- */

	for (const [signal, [status, code]] of Object.entries(ENDS))
		test(`${signal} reaches the program; it dies of it: ${status}, ${code}`, async () => {
			const product = unique("p");
			const ran = await run(product, ["sh", "-c", "echo there; exec sleep 30"], signalled(signal as NodeJS.Signals));
			assert.equal(ran.status, code, ran.said);
			const record = await only(product);
			assert.equal(record.status, status);
			assert.deepEqual([record.extra_metadata.vi_run_exit_code, record.extra_metadata.vi_run_signal], [code, signal]);
		});

	test("each signal arrives once, and the program may go on", async () => {
		const names = ["INT", "TERM", "HUP", "QUIT", "USR1", "USR2", "WINCH"];
		const script = names.map((name) => `trap 'echo ${name}' ${name}`).join("; ") + "; echo there; i=0; while [ $i -lt 40 ]; do sleep 0.05; i=$((i+1)); done; exit 3";
		const product = unique("p");
		const ran = await run(product, ["sh", "-c", script], signalled(...names.map((name) => `SIG${name}` as NodeJS.Signals)));
		assert.equal(ran.out, ["there", ...names, ""].join("\n"));
		assert.equal(ran.status, 3);
		assert.equal((await only(product)).status, "aborted"); /* cancelled, and not with 0 */
	});

	test("a signal to the whole group arrives once, too", async () => {
		const names = ["INT", "TERM", "USR2"]; /* node counts each one; shells take two at a time for one */
		const script = names.map((name) => `process.on('SIG${name}', () => console.log('${name}'))`).join("; ") + '; console.log("there"); setTimeout(() => 0, 1500)';
		const command = [BINARY, ...flags(unique("p")), "--", process.execPath, "-e", script];
		const child = spawn(command[0], command.slice(1), { env: { ...env(), PATH: process.env.PATH }, detached: true, stdio: ["ignore", "pipe", "ignore"] });
		let out = "";
		child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
		while (!out.includes("there")) await sleep(20);
		for (const name of names) {
			process.kill(-child.pid!, `SIG${name}` as NodeJS.Signals);
			await sleep(150);
		}
		const code = await new Promise((done) => child.on("close", done));
		assert.deepEqual([code, out], [0, ["there", ...names, ""].join("\n")]);
	});

	test("nobody is left behind", async () => {
		const ran = await run(unique("p"), ["sh", "-c", "ps -o args= --ppid $PPID"]);
		assert.equal(ran.status, 0);
		await sleep(50);
		assert.doesNotMatch(spawnSync("ps", ["-eo", "ppid,comm"], { encoding: "utf8" }).stdout, /^ *1 versioner-witn/m);
	});

	test("a program that takes its leave by itself: its exit code, aborted", async () => {
		const product = unique("p");
		const ran = await run(product, ["sh", "-c", "trap 'echo bye; exit 7' TERM; echo there; sleep 30 & wait"], signalled("SIGTERM"));
		assert.equal(ran.status, 7);
		assert.equal(ran.out, "there\nbye\n");
		const record = await only(product);
		assert.deepEqual([record.status, record.extra_metadata.vi_run_signal], ["aborted", "SIGTERM"]);
	});

	test("a program that goes through with it: completed", async () => {
		const product = unique("p");
		const ran = await run(product, ["sh", "-c", "trap 'exit 0' INT; echo there; sleep 30 & wait"], signalled("SIGINT"));
		assert.equal(ran.status, 0);
		assert.equal((await only(product)).status, "completed");
	});

	test("another signal ends the program: failed, and which one", async () => {
		const product = unique("p");
		assert.equal((await run(product, ["sh", "-c", "kill -KILL $$"])).status, 137);
		const record = await only(product);
		assert.deepEqual([record.status, record.error_message], ["failed", "sh was ended by SIGKILL"]);
	});

	test("a signal before the program: it is not begun, and aborted", async () => {
		const product = unique("p"), front = front_of();
		front.script({ ...(RECORDED as object), delay: 1500 } as Fate, "pass");
		const ran = await run(product, ["echo", "begun"], {
			env: { VERSIONER_API_URL: front.url }, started: (child) => setTimeout(() => child.kill("SIGTERM"), 700) });
		assert.equal(ran.status, 143, ran.said);
		assert.equal(ran.out, "");
		assert.deepEqual(front.seen.map((request) => request.json.status), ["started", "aborted"]);
	});

	test("two signals while no server answers: it ends at once", async () => {
		const front = front_of();
		front.script("hang");
		const ran = await run(unique("p"), ["echo", "begun"], { env: { VERSIONER_API_URL: front.url },
			started: (child) => [700, 900].forEach((ms) => setTimeout(() => child.kill("SIGINT"), ms)) });
		assert.deepEqual([ran.status, ran.out], [130, ""]);
		assert.ok(ran.milliseconds < 20_000);
	});

	/* ---- what the program gets ---- */

	test("environment, folder, group, ignored signals and open files are the caller's", async () => {
		const look = "env | grep -v ^_= | sort; pwd; grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status; echo sockets $(ls -l /proc/self/fd | grep -c socket); cat <&7; echo group $(ps -o pgid= -p $$)";
		const around = (command: string): string => `trap '' USR1 PIPE HUP; exec 7<inherited; ${command}`;
		home.file("inherited", "kept open\n");
		fs.writeFileSync(path.join(home.dir, "look.sh"), look);
		const vars = { ...env(), PATH: process.env.PATH, SECRET: "s3cret", EMPTY: "" };
		const call = (command: string) => spawnSync("sh", ["-c", around(command)], { cwd: home.dir, env: vars, encoding: "utf8" });
		const alone = call("sh look.sh"), ours = call(`${BINARY} ${flags(unique("p")).join(" ")} -- sh look.sh`);
		assert.equal(ours.stdout, alone.stdout, ours.stderr);
		assert.ok(ours.stdout.includes("kept open") && ours.stdout.includes("SECRET=s3cret"));
	});

	test("a key that was given as a flag does not reach the program", async () => {
		const ran = await home.run([...flags(unique("p")), "--api-key", server.key, "--", "env"], { env: { VERSIONER_API_URL: server.url } });
		assert.equal(ran.status, 0, ran.err);
		assert.ok(!ran.out.includes(server.key));
	});

	/* ---- when the server says no ---- */

	const refusals: [string, Fate, number][] = [["blocked", BLOCKED, 5], ["in conflict", { status: 409, body: '{"detail":"taken"}' }, 5],
		["not allowed", { status: 401, body: '{"detail":"Invalid authentication credentials"}' }, 4]];
	const front_of = (() => {
		const fronts = Array.from({ length: 12 }, () => use_front(server));
		return () => fronts.pop()!;
	})();
	for (const [name, fate, code] of refusals)
		test(`a start that is ${name}: the program is not begun, ${code}`, async () => {
			const front = front_of();
			front.script(fate);
			const ran = await run(unique("p"), ["echo", "begun"], { env: { VERSIONER_API_URL: front.url } });
			assert.deepEqual([ran.status, ran.out, front.seen.length], [code, "", 1], ran.err);
			if (fate === BLOCKED) assert.match(ran.err, /Friday freeze[^]*2026-05-25T06:00:00Z/);
		});

	test("no server: the program is not begun, 1; with --fail-on-api-error=false it is; a block counts all the same", async () => {
		const nowhere = { VERSIONER_API_URL: "http://127.0.0.1:1", VERSIONER_DEADLINE: "300ms" };
		const strict = await run(unique("p"), ["echo", "begun"], { env: nowhere });
		assert.deepEqual([strict.status, strict.out], [1, ""]);
		const lenient = await run(unique("p"), ["sh", "-c", "echo begun; exit 6"], { env: nowhere, flags: ["--fail-on-api-error=false"] });
		assert.deepEqual([lenient.status, lenient.out], [6, "begun\n"]);
		assert.match(lenient.err, /Warning: the event was not recorded/);
		const front = front_of();
		front.script(BLOCKED);
		const blocked = await run(unique("p"), ["echo", "begun"], { env: { VERSIONER_API_URL: front.url }, flags: ["--fail-on-api-error=false"] });
		assert.deepEqual([blocked.status, blocked.out], [5, ""]);
	});

	for (const code of [0, 9])
		test(`an end that cannot be told is a warning; the exit code is the program's, ${code}`, async () => {
			const front = front_of(), product = unique("p");
			front.script("pass");
			front.usual = DOWN;
			const ran = await run(product, ["sh", "-c", `sleep 0.2; exit ${code}`], { env: { VERSIONER_API_URL: front.url }, flags: ["--deadline=400ms"] });
			assert.equal(ran.status, code, ran.said);
			assert.match(ran.err, /Warning: the event was not recorded: Internal server error/);
			assert.doesNotMatch(ran.err, /^Error/m);
			assert.equal((await only(product)).status, "started");
		});

	test("… kept with --spool, and flush tells it with its times", () => with_home(async (own) => {
		const front = front_of(), product = unique("p"), vars = { ...env(), HOME: own.dir, VERSIONER_API_URL: front.url };
		front.script("pass");
		front.usual = DOWN;
		const ran = await own.run([...flags(product), "--spool", "--deadline=400ms", "--", "sh", "-c", "sleep 0.2; exit 9"], { env: vars });
		assert.equal(ran.status, 9, ran.said);
		assert.equal(own.kept().length, 1);
		await sleep(300);
		front.usual = "pass";
		const flushed = await own.run(["flush"], { env: vars });
		assert.equal(flushed.status, 0, flushed.said);
		const record = await only(product);
		assert.deepEqual([record.status, record.extra_metadata.vi_run_exit_code], ["failed", 9]);
		assert.ok(Date.parse(record.completed_at) - Date.parse(record.started_at) < 2000);
	}));

	test("wrong flags begin nothing", async () => {
		for (const wrong of [["run", "--product=p", "--environment=e", "--version=1"], ["run", "--product=p", "--environment=e", "--version=1", "--"],
			["run", "--product=p", "--version=1", "--", "touch", "begun"], ["run", "--status=failed", "--", "touch", "begun"],
			[...flags("p"), "--extra-metadata=[]", "--", "touch", "begun"], [...flags("p"), "--nonsense", "--", "touch", "begun"]]) {
			const ran = await home.run(wrong, { env: env() });
			assert.deepEqual([ran.status, ran.out], [1, ""], wrong.join(" "));
			assert.ok(ran.err.length > 10);
		}
		assert.ok(!fs.existsSync(path.join(home.dir, "begun")));
	});

	/* ---- a terminal ---- */

	const terminal = (command: string[]): Terminal => new Terminal(command, { env: env(), cwd: home.dir });

	test("Ctrl-C reaches the program once, although it reaches us too", { skip: NO_PYTHON }, async () => {
		const product = unique("p");
		const shown = terminal([BINARY, ...flags(product), "--", process.execPath, "-e",
			"process.on('SIGINT', () => console.log('got one')); console.log('there'); setTimeout(() => process.exit(4), 1500)"]);
		await shown.wait_for(/there/);
		for (let i = 0; i < 3; i++) {
			await sleep(200);
			shown.keys("\x03");
		}
		assert.deepEqual(await shown.end(), { exit: 4 });
		assert.equal(shown.shown.split("got one").length - 1, 3, shown.shown);
		assert.equal((await only(product)).status, "aborted");
	});

	test("the program has the terminal: it reads from it, and sees its size", { skip: NO_PYTHON }, async () => {
		const shown = terminal([BINARY, ...flags(unique("p")), "--", "bash", "-c", "trap 'stty size' WINCH; echo there; read a; echo $((a + 1)); sleep 0.2"]);
		await shown.wait_for(/there/);
		shown.resize(91, 33);
		await sleep(300);
		shown.keys("41\n");
		assert.deepEqual(await shown.end(), { exit: 0 });
		assert.match(plain(shown.shown), /33 91[^]*42|42[^]*33 91/);
	});

	test("Ctrl-Z stops both for the shell, fg continues both", { skip: NO_PYTHON }, async () => {
		const product = unique("p");
		const shell = terminal(["bash", "--norc", "-i"]);
		await shell.wait_for(/[$#] $/);
		shell.keys(`${BINARY} ${flags(product).join(" ")} -- sh -c 'echo the''re; sleep 1; exit 3'\n`);
		await shell.wait_for(/there\r/);
		let from = shell.shown.length;
		shell.keys("\x1a");
		await shell.wait_for(/Stopped[^]*[$#] $/, from);
		from = shell.shown.length;
		await sleep(1500);
		shell.keys("fg\n");
		await sleep(100);
		await shell.wait_for(/tracked[^]*[$#] $/, from);
		shell.keys("echo code $?\n");
		await shell.wait_for(/code 3/, from);
		shell.keys("exit\n");
		await shell.end();
		assert.equal((await only(product)).status, "failed");
	});

	/* ---- a container ---- */

	function in_container(product: string, script: string, more: string[] = []) {
		const command = [...UNSHARE.slice(1), ...more, BINARY, ...flags(product), "--", "sh", "-c", script];
		return spawnSync(UNSHARE[0], command, { env: { ...env(), PATH: process.env.PATH }, cwd: os.tmpdir(), encoding: "utf8", timeout: 60_000 });
	}

	test("as process 1 it takes in what others leave behind, and passes the exit code on", { skip: CANNOT_UNSHARE }, async () => {
		const product = unique("p");
		const ran = in_container(product, "for i in 1 2 3; do (sleep 0.1 &); done; echo parent $PPID; sleep 0.6; ps -eo stat= | grep -c Z; exit 4");
		assert.deepEqual([ran.status, ran.stdout], [4, "parent 1\n0\n"], ran.stderr);
		assert.equal((await only(product)).status, "failed");
	});

	test("as process 1 it does not wait for those who stay behind", { skip: CANNOT_UNSHARE }, async () => {
		const begun = Date.now();
		assert.equal(in_container(unique("p"), "sleep 50 >/dev/null 2>&1 & exit 0").status, 0);
		assert.ok(Date.now() - begun < 30_000);
	});

	for (const signal of ["TERM", "INT"])
		test(`as process 1 it obeys SIG${signal}, which process 1 is otherwise spared`, { skip: CANNOT_UNSHARE }, async () => {
			const product = unique("p");
			const ran = in_container(product, `trap 'echo bye; exit 8' ${signal}; kill -${signal} 1; sleep 20 & wait`);
			assert.deepEqual([ran.status, ran.stdout], [8, "bye\n"], ran.stderr);
			assert.equal((await only(product)).status, "aborted");
		});

	/* ---- the same as by hand ---- */

	/* What is another each time, and what run knows and a shell does not. */
	function comparable(record: any): any {
		const { id, product_id, product_name, version_id, deployed_at, started_at, completed_at, pending_at, created_at, updated_at, ...rest } = record;
		const { vi_run_exit_code, vi_run_duration_ms, vi_run_signal, ...metadata } = rest.extra_metadata ?? {};
		return { ...rest, extra_metadata: metadata };
	}

	const GITHUB = { GITHUB_ACTIONS: "true", GITHUB_REPOSITORY: "acme/shop", GITHUB_SHA: "0123456789abcdef0123456789abcdef01234567", GITHUB_REF_NAME: "main",
		GITHUB_RUN_NUMBER: "42", GITHUB_RUN_ID: "4711", GITHUB_SERVER_URL: "https://github.com", GITHUB_ACTOR: "ada", GITHUB_RUN_ATTEMPT: "1",
		GITHUB_WORKFLOW: "deploy", GITHUB_JOB: "production" };
	for (const [where, vars] of [["by hand", {}], ["in GitHub Actions", GITHUB]] as const)
		for (const code of [0, 1])
			test(`"if ./deploy.sh; then track success; else track failed; fi" and run give the same record: ${where}, exit code ${code}`, async () => {
				const by_shell = unique("p"), by_run = unique("p");
				fs.chmodSync(home.file(`deploy${code}.sh`, `#!/bin/sh\nexit ${code}\n`), 0o755);
				const what = (product: string): string => `--product ${product} --environment production --version 1.2.3 --extra-metadata '{"own": [1, "x"]}'`;
				const track = (product: string, status: string): string => `${BINARY} track deployment ${what(product)} --status ${status}`;
				const script = `if ./deploy${code}.sh; then ${track(by_shell, "success")}; else ${track(by_shell, "failed")}; fi\n`
					+ `${BINARY} run ${what(by_run)} -- ./deploy${code}.sh`;
				const ran = spawnSync("sh", ["-c", script], { cwd: home.dir, env: { ...env(), PATH: process.env.PATH, ...vars }, encoding: "utf8" });
				assert.equal(ran.status, code, ran.stderr);
				const [one, other] = [await only(by_shell), await only(by_run)];
				assert.deepEqual(comparable(other), comparable(one));
				assert.equal(one.status, code ? "failed" : "completed");
				assert.deepEqual(other.extra_metadata.own, [1, "x"]);
				if (where !== "by hand") assert.equal(one.scm_sha, GITHUB.GITHUB_SHA);
			});
});
