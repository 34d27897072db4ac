/* kill -9 of one of two servers that share a PostgreSQL, under load, again and again. The other one goes on; what was acknowledged is there,
 * what was in flight is whole or not there, and what the dead one had to tell is told. */
import { strict as assert } from "node:assert";
import { assert_whole, Load, slowest, Stored } from "./load";
import { settled, Target, with_world, World } from "./notifications";
import { Received } from "./receivers";
import { Server, sleep, unique } from "./server";

export interface Figures {
	stored: Stored;
	broken: number; /* requests that the dead one did not answer */
	slowest: number; /* milliseconds, the other one's slowest answer after the kill */
	notifications: number;
	doubled_notifications: number;
}

const CHANNELS = 3;
const PATIENCE = process.env.VERSIONER_SANITIZED ? 600_000 : 120_000;

/* A channel's requests of one round: each one arrived, each deployment's in order. Gives how many came twice. */
function assert_told(requests: Received[], count: number): number {
	const first = new Map<string, Received>();
	for (const request of requests) if (!first.has(String(request.headers["webhook-id"]))) first.set(String(request.headers["webhook-id"]), request);
	assert.equal(first.size, count, "each one arrived");
	const by_attempt = new Map<string, string[]>();
	for (const { json } of first.values()) by_attempt.set(json.id, [...(by_attempt.get(json.id) ?? []), json.event_id]);
	for (const [id, events] of by_attempt) assert.deepEqual(events, [...events].sort(), `${id}: in order`);
	const doubled = requests.length - first.size;
	assert.ok(doubled <= 1, `${doubled} came twice after one kill: at most the one in flight`);
	return doubled;
}

async function one_round(world: World, servers: Server[], victim: Server): Promise<Figures> {
	const targets: Target[] = [];
	for (let i = 0; i < CHANNELS; i++) targets.push(await world.webhook("*"));
	const from = world.receiver.received.length;
	const survivor = servers.find((server) => server !== victim)!;
	const load = new Load(servers, unique("killed"), { may_break: (server) => server === victim, pause: 5 });
	load.start();
	await load.acknowledges(100);
	await sleep(Math.random() * 300);
	const killed = performance.now();
	await victim.stop("SIGKILL");
	await load.acknowledges(100);
	await load.stop();
	const after = load.tries.filter(({ server, answered }) => server === survivor && answered > killed);
	assert.deepEqual(new Set(load.tries.filter(({ server }) => server === survivor).map(({ status }) => status)), new Set([200]), "the other one is not interrupted");
	const stored = await load.compare(survivor);
	assert_whole(stored);
	const rows = await Promise.all(targets.map(({ id }) => settled(survivor, id, PATIENCE)));
	const changes = stored.acknowledged;
	for (const of_one of rows) assert.deepEqual([of_one.length, of_one.filter(({ state }) => state !== "delivered").length], [changes, 0], "one for each event that changed something");
	const requests = world.receiver.received.slice(from);
	const doubled_notifications = targets.reduce((sum, { path }) => sum + assert_told(requests.filter((r) => r.path === path), changes), 0);
	for (const { id } of targets) await survivor.request("DELETE", `/notification-channels/${id}`);
	survivor.assert_check_is_green();
	return { stored, broken: load.tries.filter(({ status }) => status === 0).length, slowest: slowest(after), notifications: changes * CHANNELS, doubled_notifications };
}

/* The servers are killed by turns. */
export async function server_kill_rounds(rounds: number, tell: (figures: Figures) => void = () => undefined): Promise<Figures[]> {
	const all: Figures[] = [];
	await with_world({ mail: false }, async (world) => {
		world.receiver.always("", () => ({ status: 200, delay: Math.random() * 3 }));
		const other = new Server({ db: world.server.db, key: world.server.key, bootstrap: false, args: ["--allow-private-destinations", "127.0.0.0/8"] });
		await other.start();
		const servers = [world.server, other];
		try {
			for (let round = 0; round < rounds; round++) {
				const victim = servers[round % 2];
				const figures = await one_round(world, servers, victim);
				all.push(figures);
				tell(figures);
				await victim.start();
			}
		} finally {
			await other.close();
		}
	});
	return all;
}
