/* The loss of the primary, again and again: two servers write to a primary with a synchronous standby; the primary's machine dies, the
 * standby is promoted, and a new standby takes the dead one's place. */
import { strict as assert } from "node:assert";
import { event_of } from "./api";
import { DatabaseCluster, DatabaseNode, with_cluster } from "./cluster";
import { assert_whole, Load, slowest, Stored, Try } from "./load";
import { Server, sleep, unique } from "./server";

export interface Figures {
	stored: Stored;
	away: number; /* milliseconds from the loss to the command to promote */
	again: number; /* milliseconds from that command until each server had acknowledged an event that was sent after the loss */
	refusal: number; /* milliseconds: the slowest 503 to what was sent after the loss */
	read: number; /* the same of a read, with any answer */
	in_doubt: number; /* the slowest answer to what was under way at the loss */
}

const ENOUGH = 200; /* events before the loss, and as many after it */
const SLOW = process.env.VERSIONER_SANITIZED ? 3 : 1;
const MOST_AGAIN = 5_000 * SLOW;
const MOST_REFUSAL = 2_000 * SLOW; /* no timeout: those are longer */
export const WHEN_LOST = /the connection to the database was lost|the database (is away|does not answer)|session is (not )?read-only|Connection refused|starting up|shutting down|server closed the connection|timeout expired/;

interface World {
	cluster: DatabaseCluster;
	primary: DatabaseNode;
	standby: DatabaseNode;
	servers: Server[];
}

/* What clients are told that neither wait nor try again: the slowest read, and the slowest 503 to a write. */
interface Asked {
	read: number;
	refusal: number;
}

function start_asking(servers: Server[]): () => Promise<Asked> {
	const asked: Asked = { read: 0, refusal: 0 };
	let going = true;
	const ask = async (server: Server, target: string, body?: unknown): Promise<void> => {
		for (; going; await sleep(20)) {
			const sent = performance.now();
			const { status, text } = body ? await server.post(target, body) : await server.get(target);
			assert.ok(status === 200 || status === 503, text);
			const what = body ? "refusal" : "read";
			if (!body || status === 503) asked[what] = Math.max(asked[what], performance.now() - sent);
		}
	};
	const ended = Promise.all(servers.flatMap((server) => [ask(server, "/products/?limit=5"), ask(server, "/build-events/", event_of("build"))]));
	ended.catch(() => (going = false));
	return async () => {
		going = false;
		await ended;
		return asked;
	};
}

const since = (tries: Try[], begun: number, end = Infinity): Try[] => tries.filter(({ sent }) => sent >= begun && sent < end);

/* When each server had stored something that was sent after the loss. */
function written_again(servers: Server[], tries: Try[]): number | undefined {
	const first = servers.map((server) => tries.filter((t) => t.server === server && t.status === 200).reduce((least, t) => Math.min(least, t.answered), Infinity));
	const last = Math.max(...first);
	return last === Infinity ? undefined : last;
}

async function one_round(world: World): Promise<Figures> {
	const { servers, primary, standby } = world;
	const load = new Load(servers, unique("failover"));
	const processes = servers.map(({ pid }) => pid);
	load.start();
	await load.acknowledges(ENOUGH);
	await sleep(Math.random() * 500);
	primary.kill();
	const lost = performance.now();
	const asking = start_asking(servers);
	await sleep(500 + Math.random() * 3_000); /* until somebody has noticed */
	const promoted = performance.now();
	standby.query("SELECT pg_promote(false)");
	await load.until(() => written_again(servers, since(load.tries, lost)) !== undefined, "both servers write again");
	await load.acknowledges(ENOUGH);
	await load.stop();
	const { read, refusal } = await asking();
	assert.deepEqual(servers.map(({ pid }) => pid), processes, "no server was started again");
	const away = since(load.tries, lost, promoted);
	return {
		stored: await load.compare(servers[0]),
		away: promoted - lost,
		again: written_again(servers, since(load.tries, lost))! - promoted,
		refusal: Math.max(refusal, slowest(away.filter(({ status }) => status === 503))),
		read,
		in_doubt: slowest(load.tries.filter(({ sent, answered }) => sent < lost && answered > lost)),
	};
}

function assert_good(figures: Figures): void {
	assert_whole(figures.stored);
	assert.ok(figures.again <= MOST_AGAIN, `${figures.again} ms from the promotion to the first write`);
	assert.ok(figures.refusal <= MOST_REFUSAL, `${figures.refusal} ms for a 503`);
	assert.ok(figures.read <= MOST_REFUSAL, `${figures.read} ms for a read`);
}

/* On the dead one's port: the servers' URI stays true. */
async function replace_the_dead(world: World): Promise<void> {
	const dead = world.primary;
	world.primary = world.standby;
	world.standby = await world.cluster.add_standby({ synchronous: true, from: world.primary, port: dead.port });
}

async function with_servers(world: World, test: () => Promise<void>): Promise<void> {
	for (const server of world.servers) {
		await server.start();
		server.expect_errors(WHEN_LOST);
	}
	try {
		await test();
	} finally {
		for (const server of world.servers) await server.close();
	}
}

/* Gives each round's figures, and tells them as they come. */
export async function failover_rounds(rounds: number, tell: (figures: Figures) => void = () => undefined): Promise<Figures[]> {
	const all: Figures[] = [];
	await with_cluster({ durable: true }, async (cluster) => {
		const standby = await cluster.add_standby({ synchronous: true });
		const db = cluster.url_of(cluster.primary, standby);
		const first = new Server({ db });
		const world = { cluster, primary: cluster.primary, standby, servers: [first, new Server({ db, key: first.key, bootstrap: false })] };
		await with_servers(world, async () => {
			for (let round = 0; round < rounds; round++) {
				if (round > 0) await replace_the_dead(world);
				const figures = await one_round(world);
				all.push(figures);
				tell(figures);
				assert_good(figures);
				for (const server of world.servers) server.assert_check_is_green();
			}
		});
	});
	return all;
}
