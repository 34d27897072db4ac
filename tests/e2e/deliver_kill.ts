/* kill -9 in the middle of delivering, again and again. In the end each notification has arrived; doubled are only those that were in
 * flight at a kill, at most one a channel; and no deployment's are out of order on any channel. */
import { strict as assert } from "node:assert";
import { event_of } from "./api";
import { Received, Receiver } from "./receivers";
import { prefer, settled, with_world, World } from "./notifications";
import { sleep, unique } from "./server";

const CHANNELS = 5;
const RUNS = 66; /* of three events, each told to each channel: 990 notifications */
const STATUSES = ["pending", "started", "success"];
const ORDER = ["deployment.pending", "deployment.started", "deployment.completed"];
const PATIENCE = process.env.VERSIONER_SANITIZED ? 600_000 : 180_000;

interface Told {
	doubled: number;
	kills: number;
}

function events(product: string): string {
	const lines = STATUSES.flatMap((status) => Array.from({ length: RUNS }, (_, run) =>
		JSON.stringify({ kind: "deployment", ...event_of("deployment", { product_name: `${product}-${run % 7}`, version: `1.0.${run}`, status, invoke_id: `${run}` }) })));
	return lines.join("\n");
}

/* Kills once some of the messages have arrived, two times. Gives the number of kills. */
async function kill_in_the_middle({ server, receiver }: World, from: number): Promise<number> {
	for (let kill = 0; kill < 2; kill++) {
		const enough = from + Math.floor(Math.random() * 400 + 50) * (kill + 1);
		for (const deadline = Date.now() + PATIENCE; receiver.received.length < enough && Date.now() < deadline; ) await sleep(2);
		await sleep(Math.random() * 20);
		await server.stop("SIGKILL");
		await server.start();
	}
	return 2;
}

/* A channel's requests of one round, doubled ones left in. Gives how many were doubled. */
function assert_channel(requests: Received[], kills: number): number {
	const first = new Map<string, Received>();
	for (const request of requests) if (!first.has(String(request.headers["webhook-id"]))) first.set(String(request.headers["webhook-id"]), request);
	assert.equal(first.size, RUNS * STATUSES.length, "each one arrived");
	const doubled = requests.length - first.size;
	assert.ok(doubled <= kills, `${doubled} were sent twice after ${kills} kills`);
	const by_deployment = new Map<string, number[]>();
	for (const { json } of requests) by_deployment.set(json.id, [...(by_deployment.get(json.id) ?? []), ORDER.indexOf(json.event_type)]);
	for (const [id, order] of by_deployment) assert.deepEqual(order, [...order].sort(), `deployment ${id}: in order`);
	assert.equal(by_deployment.size, RUNS);
	return doubled;
}

async function one_round(world: World, paths: { id: string; path: string }[]): Promise<Told> {
	const { server, receiver } = world;
	const from = receiver.received.length;
	const answer = await server.post("/events/bulk", events(unique("killed")), { headers: { "content-type": "application/x-ndjson" } });
	assert.equal(answer.status, 200);
	const kills = await kill_in_the_middle(world, from);
	for (const { id } of paths) {
		const rows = await settled(server, id, PATIENCE);
		assert.deepEqual(rows.filter(({ state }) => state !== "delivered"), []);
	}
	const round = receiver.received.slice(from);
	return { kills, doubled: paths.reduce((sum, { path }) => sum + assert_channel(round.filter((r) => r.path === path), kills), 0) };
}

/* Takes a moment for each answer, so that there is a middle. */
const slow = (receiver: Receiver): void => receiver.always("", () => ({ status: 200, delay: Math.random() * 8 }));

/* Gives how many arrived twice over all rounds, and how often the server was killed. */
export async function deliver_kill_rounds(rounds: number): Promise<Told> {
	const all: Told = { doubled: 0, kills: 0 };
	await with_world({ mail: false }, async (world) => {
		slow(world.receiver);
		for (let round = 0; round < rounds; round++) {
			const targets = [];
			for (let i = 0; i < CHANNELS; i++) targets.push(await world.webhook("deployment.*"));
			const { doubled, kills } = await one_round(world, targets);
			all.doubled += doubled;
			all.kills += kills;
			for (const { id } of targets) await world.server.request("DELETE", `/notification-channels/${id}`);
			world.server.assert_check_is_green();
		}
		await prefer(world.server, (await world.channel("webhook")).id, "*");
	});
	return all;
}
