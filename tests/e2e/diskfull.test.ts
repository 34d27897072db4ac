/* A disk that is full: 503, nothing acknowledged is lost, and writing goes on when there is room again, without a restart. */
import { NO_FILE } from "./engine";
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { assert_all_stored, assert_error, event_of, UNAVAILABLE } from "./api";
import { Server, sleep, with_server } from "./server";

const MIB = 1024 * 1024;

/* The reason why this machine cannot run the test, or false. */
function why_not(): string | false {
	if (NO_FILE) return NO_FILE;
	if (process.platform !== "linux") return "needs Linux";
	if (process.getuid?.() !== 0) return "needs root to mount a small tmpfs";
	const probe = fs.mkdtempSync(path.join(os.tmpdir(), "versioner-mount-"));
	const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", probe]).status === 0;
	if (mounted) spawnSync("umount", [probe]);
	fs.rmdirSync(probe);
	return mounted ? false : "mounting a tmpfs is not allowed here";
}

async function on_small_disk(size: string, test_it: (server: Server, dir: string) => Promise<void>): Promise<void> {
	const dir = fs.mkdtempSync(path.join(os.tmpdir(), "versioner-small-"));
	assert.equal(spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", dir]).status, 0);
	try {
		await with_server({ dir }, async (server) => {
			server.expect_errors(/./);
			await test_it(server, dir);
		});
	} finally {
		spawnSync("umount", ["-l", dir]);
		fs.rmSync(dir, { recursive: true, force: true });
	}
}

function fill_up(file: string): void {
	const handle = fs.openSync(file, "w");
	try {
		for (const size of [256 * 1024, 4096]) {
			try {
				for (;;) fs.writeSync(handle, Buffer.alloc(size));
			} catch (failure) {
				assert.equal((failure as NodeJS.ErrnoException).code, "ENOSPC");
			}
		}
	} finally {
		fs.closeSync(handle);
	}
}

describe("a full disk", { skip: why_not() }, () => {
	test("503 while it is full, nothing lost, goes on when there is room", async () => {
		await on_small_disk("24m", async (server, dir) => {
			const acknowledged: string[] = [];
			const post = async (): Promise<number> => {
				const answer = await server.post("/deployment-events/", event_of("deployment", { extra_metadata: { pad: "x".repeat(20_000) } }));
				if (answer.status === 200) acknowledged.push(answer.json.event_id);
				else {
					assert_error(answer, 503, UNAVAILABLE);
					assert.match(answer.headers["retry-after"] ?? "", /^\d+$/);
				}
				return answer.status;
			};
			for (let cycle = 0; cycle < 3; cycle++) {
				assert.equal(await post(), 200);
				fill_up(path.join(dir, "filler"));
				let refused = 0;
				for (let i = 0; i < 3000 && refused < 20; i++) if ((await post()) === 503) refused++;
				assert.equal(refused, 20, "it was full at last");
				const together = await Promise.all(Array.from({ length: 30 }, post));
				assert.ok(together.includes(503));
				assert.equal((await server.get("/environment-state/")).status, 200, "reading goes on");
				assert.equal((await server.get("/health")).status, 200);
				fs.rmSync(path.join(dir, "filler"));
				let status = 0;
				for (let i = 0; i < 50 && status !== 200; i++) {
					status = await post();
					if (status !== 200) await sleep(100);
				}
				assert.equal(status, 200, "there is room again");
			}
			const stored = await assert_all_stored(server, acknowledged);
			assert.equal(stored, acknowledged.length, "what was refused is not there");
			server.assert_check_is_green();
		});
	});

	test("events in bulk: each line says whether it is stored, and that is so", async () => {
		await on_small_disk("16m", async (server, dir) => {
			fs.writeFileSync(path.join(dir, "reserve"), Buffer.alloc(MIB));
			const acknowledged = new Set<string>();
			let refused = 0;
			for (let round = 0; round < 20 && refused < 2_000; round++) {
				const lines = Array.from({ length: 1_000 }, () => JSON.stringify({ kind: "build", ...event_of("build", { extra_metadata: { pad: "x".repeat(2_000) } }) }));
				const answer = await server.post("/events/bulk", lines.join("\n"), { headers: { "content-type": "application/x-ndjson" } });
				if (answer.status === 503) {
					refused += lines.length;
					continue;
				}
				assert.equal(answer.status, 200, answer.text.slice(0, 300));
				for (const result of answer.text.trimEnd().split("\n").map((line) => JSON.parse(line))) {
					assert.ok([200, 503].includes(result.status), JSON.stringify(result));
					if (result.status === 200) acknowledged.add(result.event_id);
					else refused++;
				}
			}
			assert.ok(refused >= 2_000 && acknowledged.size > 100, `${refused} refused, ${acknowledged.size} stored`);
			fs.rmSync(path.join(dir, "reserve"));
			assert.equal((await server.post("/build-events/", event_of("build"))).status, 200);
			const stored = await assert_all_stored(server, acknowledged);
			assert.equal(stored, acknowledged.size + 1, "what was refused is not there");
			server.assert_check_is_green();
		});
	});

	test("a full disk and kill -9: the file is sound and nothing acknowledged is lost", async () => {
		await on_small_disk("16m", async (server, dir) => {
			const acknowledged: string[] = [];
			fs.writeFileSync(path.join(dir, "reserve"), Buffer.alloc(MIB));
			for (let i = 0; i < 3000; i++) {
				const answer = await server.post("/build-events/", event_of("build", { extra_metadata: { pad: "x".repeat(50_000) } }));
				if (answer.status !== 200) break;
				acknowledged.push(answer.json.event_id);
			}
			assert.ok(acknowledged.length > 10);
			await server.stop("SIGKILL");
			fs.rmSync(path.join(dir, "reserve"));
			await server.start();
			await assert_all_stored(server, acknowledged);
			server.assert_check_is_green();
		});
	});
});
