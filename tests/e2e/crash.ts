/* kill -9 under load, again and again. After each restart every acknowledged event is there and says what was acknowledged;
 * at the end the derived tables agree with the log. */
import { strict as assert } from "node:assert";
import { assert_all_stored, event_of } from "./api";
import { Server, sleep, unique, with_server } from "./server";

interface Acknowledged {
	event_id: string;
	attempt: string; /* path of the deployment or build */
	status: string;
}

const CLIENTS = 12;

/* Sends pending → started → success runs and lone builds until the connection breaks. */
async function client(server: Server, product: string, number: number, acknowledged: Acknowledged[]): Promise<void> {
	for (let run = 0; ; run++) {
		const is_build = (run + number) % 3 === 0;
		const steps = is_build ? ["success"] : ["pending", "started", run % 5 === 0 ? "failed" : "success"];
		for (const status of steps) {
			const kind = is_build ? "build" : "deployment";
			const body = event_of(kind, { product_name: `${product}-${number % 4}`, version: `1.${number}.${run}`, status, invoke_id: `${number}-${run}` });
			const key = `${product}-${number}-${run}-${status}`;
			let answer;
			try {
				answer = await server.post(`/${kind}-events/`, body, { agent: false, headers: { "Idempotency-Key": key } });
			} catch {
				return;
			}
			if (answer.status === 503) return;
			assert.equal(answer.status, 200, answer.text);
			acknowledged.push({ event_id: answer.json.event_id, attempt: `/${kind}s/${answer.json.id}`, status: answer.json.status });
		}
	}
}

async function one_round(server: Server, round: number): Promise<Acknowledged[]> {
	const acknowledged: Acknowledged[] = [];
	const product = unique(`crash-${round}`);
	const clients = Array.from({ length: CLIENTS }, (_, i) => client(server, product, i, acknowledged));
	await sleep(100 + Math.random() * 500);
	await server.stop("SIGKILL");
	await Promise.all(clients);
	return acknowledged;
}

async function assert_present(server: Server, acknowledged: Acknowledged[]): Promise<void> {
	for (const { event_id } of acknowledged) assert.equal((await server.get(`/events/${event_id}`)).status, 200, `acknowledged event ${event_id}`);
	const last = new Map(acknowledged.map((a) => [a.attempt, a.status]));
	for (const [attempt, status] of last) {
		const shown = (await server.get(attempt)).json;
		/* One more event may have been stored whose answer was lost: then the state is further on, never further back. */
		const order = ["pending", "started", "completed", "failed", "aborted"];
		assert.ok(order.indexOf(shown.status) >= order.indexOf(status), `${attempt}: ${shown.status} after ${status} was acknowledged`);
	}
}

/* Gives how many events were acknowledged over all rounds. */
export async function crash_rounds(rounds: number): Promise<number> {
	const all: Acknowledged[] = [];
	await with_server({}, async (server) => {
		for (let round = 0; round < rounds; round++) {
			const acknowledged = await one_round(server, round);
			await server.start();
			await assert_present(server, acknowledged);
			server.assert_check_is_green();
			all.push(...acknowledged);
		}
		await assert_all_stored(server, all.map((a) => a.event_id));
	});
	return all.length;
}
