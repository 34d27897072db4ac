/* SIGTERM: no new connections, everything in flight is answered, the store is closed, exit code 0 within ten seconds. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { assert_all_stored, event_of, list_all } from "./api";
import { open_still } from "./raw";
import { Server, sleep, unique, with_server } from "./server";

interface Load {
	acknowledged: string[];
	other: number[];
	broken: number;
	ended: Promise<void>;
}

/* Clients that send until the server refuses to be connected to. */
function start_load(server: Server, product: string, clients: number): Load {
	const load: Load = { acknowledged: [], other: [], broken: 0, ended: Promise.resolve() };
	const one = async (client: number): Promise<void> => {
		for (let i = 0; i < 100_000; i++) {
			try {
				const answer = await server.post("/deployment-events/", event_of("deployment", { product_name: product, version: `${client}.${i}` }), { agent: false });
				if (answer.status === 200) load.acknowledged.push(answer.json.event_id);
				else load.other.push(answer.status);
			} catch (failure) {
				if ((failure as NodeJS.ErrnoException).code === "ECONNREFUSED") return;
				load.broken++;
				if (!server.running()) return;
			}
		}
	};
	load.ended = Promise.all(Array.from({ length: clients }, (_, i) => one(i))).then(() => undefined);
	return load;
}

describe("shutdown", () => {
	for (const signal of ["SIGTERM", "SIGINT"] as const) {
		test(`${signal} under load: exit 0, and what was acknowledged is stored`, async () => {
			await with_server({}, async (server) => {
				const product = unique("load");
				const load = start_load(server, product, 16);
				await sleep(700);
				server.assert_clean_exit(await server.stop(signal));
				await load.ended;
				assert.ok(load.acknowledged.length > 0);
				assert.ok(load.other.every((status) => status === 503), load.other.join(","));
				await server.start();
				const stored = await assert_all_stored(server, load.acknowledged, { product });
				assert.ok(stored <= load.acknowledged.length + load.broken, "what was not acknowledged was at most in flight");
				server.assert_check_is_green();
			});
		});
	}

	test("a request whose body is still coming is answered before the end", async () => {
		await with_server({}, async (server) => {
			const product = unique("in-flight");
			const body = JSON.stringify(event_of("build", { product_name: product }));
			const header = `POST /build-events/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
			const { socket, received, closed } = await open_still(server.port, header + body.slice(0, 10));
			await sleep(200);
			const stopping = server.stop();
			await sleep(300);
			socket.write(body.slice(10));
			await closed;
			assert.match(received(), /^HTTP\/1\.1 (200|503) /);
			server.assert_clean_exit(await stopping);
			const answered = received().startsWith("HTTP/1.1 200");
			await server.start();
			assert.equal((await list_all(server, "/events/", { product })).length, answered ? 1 : 0);
		});
	});

	test("idle, half-open and stuck connections do not hold it up", async () => {
		await with_server({}, async (server) => {
			const still = [
				await open_still(server.port, ""),
				await open_still(server.port, "POST /build-events/ HTTP/1.1\r\nHost: x\r\n"),
				await open_still(server.port, `POST /build-events/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.key}\r\nContent-Length: 100\r\n\r\n{"a`),
				await open_still(server.port, `GET /health HTTP/1.1\r\nHost: x\r\n\r\n`),
			];
			await sleep(100);
			server.assert_clean_exit(await server.stop());
			still.forEach((s) => s.socket.destroy());
		});
	});

	test("a client that does not read its answers does not hold it up", async () => {
		await with_server({}, async (server) => {
			const { socket } = await open_still(server.port, "");
			socket.pause();
			socket.write(`GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.key}\r\n\r\n`.repeat(2_000));
			await sleep(300);
			server.assert_clean_exit(await server.stop());
			socket.destroy();
		});
	});

	test("no new connection is taken while it ends", async () => {
		await with_server({}, async (server) => {
			const port = server.port;
			await server.stop();
			await assert.rejects(open_still(port, ""), /ECONNREFUSED/);
		});
	});

	test("a second SIGTERM while it ends changes nothing", async () => {
		await with_server({}, async (server) => {
			const pid = server.pid;
			const stopping = server.stop();
			try {
				process.kill(pid, "SIGTERM");
			} catch {
				/* it had ended already */
			}
			server.assert_clean_exit(await stopping);
		});
	});

	test("restarts keep everything: answers before and after are the same", async () => {
		await with_server({}, async (server) => {
			for (let i = 0; i < 5; i++) await server.post("/deployment-events/", event_of("deployment"));
			const targets = ["/events/", "/deployments/", "/versions/", "/products/", "/environments/", "/environment-state/"];
			const before = await Promise.all(targets.map(async (t) => (await server.get(t)).text));
			for (let i = 0; i < 3; i++) {
				server.assert_clean_exit(await server.stop());
				await server.start();
				assert.deepEqual(await Promise.all(targets.map(async (t) => (await server.get(t)).text)), before);
			}
		});
	});
});
