/* A database that hangs: no byte comes, and no connection ends. Each request is answered all the same, and a standby that is promoted is found. */
import { strict as assert } from "node:assert";
import { event_of, events_of } from "./api";
import { with_cluster } from "./cluster";
import { WHEN_LOST } from "./failover";
import { PostgresqlProxy } from "./postgresql_proxy";
import { Answer, Server, sleep, with_server } from "./server";

export interface Figures {
	write: number; /* milliseconds: the slowest answer */
	read: number;
	ready: number;
	again: number; /* from the end of the freeze, or from the promotion, until a write was acknowledged */
}

/* How long PostgreSQL may be silent: the program's own time, or a shorter one for those who cannot wait. */
export interface Patience {
	parameter: string; /* of the URI */
	most: number; /* milliseconds for an answer */
}

const SLOW = process.env.VERSIONER_SANITIZED ? 3 : 1;
export const PATIENT: Patience = { parameter: "", most: 20_000 }; /* fifteen seconds, and a moment to connect again */
export const IMPATIENT: Patience = { parameter: "versioner_timeout=1s", most: 5_000 * SLOW };
const MOST_AGAIN = 5_000 * SLOW;
const EVERY = 1_000;

/* One request a second, for as long as no answer may take; gives the slowest one. */
async function ask(one: () => Promise<Answer>, what: string, longest: number): Promise<number> {
	const asked: Promise<number>[] = [];
	for (const end = performance.now() + longest; performance.now() < end; await sleep(EVERY)) {
		const sent = performance.now();
		asked.push(one().then(({ status, text }) => (assert.ok(status === 200 || status === 503, text), performance.now() - sent), () => Infinity));
	}
	const most = Math.max(...(await Promise.all(asked)));
	assert.ok(most <= longest, `a ${what} had no answer within ${longest} ms`);
	return most;
}

async function ask_all(server: Server, longest: number): Promise<Omit<Figures, "again">> {
	const o = { timeout: longest + 100 };
	const asked = await Promise.allSettled([
		ask(() => server.post("/deployment-events/", event_of("deployment"), o), "write", longest),
		ask(() => server.get("/products/", o), "read", longest),
		ask(() => server.get("/ready", o), "question whether it is ready", longest),
	]);
	const failures = asked.flatMap((one) => (one.status === "rejected" ? [String(one.reason.message)] : []));
	assert.ok(failures.length === 0, failures.join("; "));
	const [write, read, ready] = asked.map((one) => (one as PromiseFulfilledResult<number>).value);
	return { write, read, ready };
}

/* Each connection finds out for itself that the database is back, so another event may have been taken already. */
async function acknowledged(server: Server, begun: number, body = event_of("deployment"), headers = {}): Promise<Answer> {
	for (;; await sleep(20)) {
		const answer = await server.post("/deployment-events/", body, { headers });
		if (answer.status === 200) return answer;
		assert.ok(performance.now() - begun <= MOST_AGAIN, `no write within ${MOST_AGAIN} ms`);
	}
}

async function until_written(server: Server, begun: number): Promise<number> {
	await acknowledged(server, begun);
	return performance.now() - begun;
}

function with_patience(uri: string, { parameter }: Patience): string {
	return parameter ? `${uri}${uri.includes("?") ? "&" : "?"}${parameter}` : uri;
}

/* The network hangs, and goes on. What was under way is there once. */
export async function frozen_network(patience = PATIENT): Promise<Figures> {
	let figures: Figures | undefined;
	await with_server({}, async (witness) => {
		const proxy = PostgresqlProxy.before(witness.db);
		await proxy.accept();
		try {
			await with_server({ db: with_patience(proxy.through(witness.db), patience), key: witness.key, bootstrap: false }, async (server) => {
				server.expect_errors(WHEN_LOST);
				const body = event_of("deployment"), headers = { "Idempotency-Key": "in-doubt" };
				let in_doubt: Promise<Answer> | undefined;
				await new Promise<void>((hangs) => {
					proxy.fate = () => (proxy.freeze(), hangs(), "pass"); /* its answer will not come through */
					in_doubt = server.post("/deployment-events/", body, { headers });
				});
				const asked = await ask_all(server, patience.most).finally(() => {
					proxy.fate = () => "pass";
					proxy.thaw();
				});
				const thawed = performance.now();
				figures = { ...asked, again: await until_written(server, thawed) };
				await in_doubt;
				const again = await acknowledged(server, thawed, body, headers);
				assert.deepEqual((await events_of(witness, body.product_name as string)).map(({ id }) => id), [again.json.event_id]);
			});
		} finally {
			await proxy.refuse();
		}
	});
	return figures!;
}

/* SIGTERM while it hangs, with a write and a read under way; gives how long it took. */
export async function frozen_stop(): Promise<number> {
	let took = 0;
	await with_server({}, async (witness) => {
		const proxy = PostgresqlProxy.before(witness.db);
		await proxy.accept();
		try {
			await with_server({ db: proxy.through(witness.db), key: witness.key, bootstrap: false }, async (server) => {
				server.expect_errors(WHEN_LOST);
				proxy.freeze();
				const asked = [server.post("/deployment-events/", event_of("deployment")), server.get("/products/")].map((answer) => answer.then(({ status }) => status, () => 0));
				await sleep(EVERY);
				const exit = await server.stop();
				took = exit.milliseconds;
				server.assert_clean_exit(exit);
				assert.deepEqual(await Promise.all(asked), [503, 503]);
			});
		} finally {
			proxy.thaw();
			await proxy.refuse();
		}
	});
	return took;
}

/* The primary's machine hangs for good, and the standby is promoted. */
export async function frozen_primary(patience = PATIENT): Promise<Figures> {
	let figures: Figures | undefined;
	await with_cluster({ durable: true }, async (cluster) => {
		const standby = await cluster.add_standby({ synchronous: true });
		await with_server({ db: with_patience(cluster.url_of(cluster.primary, standby), patience) }, async (server) => {
			server.expect_errors(WHEN_LOST);
			assert.equal((await server.post("/deployment-events/", event_of("deployment"))).status, 200);
			cluster.primary.freeze();
			try {
				const asked = await ask_all(server, patience.most);
				standby.promote();
				figures = { ...asked, again: await until_written(server, performance.now()) };
			} finally {
				cluster.primary.kill();
			}
		});
	});
	return figures!;
}
