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

const MOST_ANSWER = 20_000; /* a lock is waited for ten seconds; what is not answered long after that never will be */
const MOST_AGAIN = 5_000;
const EVERY = 1_000;

/* One request a second, for as long as no answer may take; gives the slowest one. */
async function ask(one: () => Promise<Answer>, what: string): Promise<number> {
	const asked: Promise<number>[] = [];
	for (const end = performance.now() + MOST_ANSWER; performance.now() < end; await sleep(EVERY)) {
		const sent = performance.now();
		asked.push(one().then(({ status, text }) => (assert.ok(status === 200 || status === 503, text), performance.now() - sent), () => Infinity));
	}
	const most = Math.max(...(await Promise.all(asked)));
	assert.ok(most <= MOST_ANSWER, `a ${what} had no answer within ${MOST_ANSWER} ms`);
	return most;
}

async function ask_all(server: Server): Promise<Omit<Figures, "again">> {
	const o = { timeout: MOST_ANSWER + 100 };
	const asked = await Promise.allSettled([
		ask(() => server.post("/deployment-events/", event_of("deployment"), o), "write"),
		ask(() => server.get("/products/", o), "read"),
		ask(() => server.get("/ready", o), "question whether it is ready"),
	]);
	const failures = asked.flatMap((one) => (one.status === "rejected" ? [String(one.reason.message)] : []));
	assert.ok(failures.length === 0, failures.join("; "));
	const [write, read, ready] = asked.map((one) => (one as PromiseFulfilledResult<number>).value);
	return { write, read, ready };
}

async function until_written(server: Server, begun: number): Promise<number> {
	for (let status = 0; status !== 200; await sleep(20)) {
		({ status } = await server.post("/deployment-events/", event_of("deployment")));
		assert.ok(performance.now() - begun <= MOST_AGAIN, `no write within ${MOST_AGAIN} ms`);
	}
	return performance.now() - begun;
}

/* The network hangs, and goes on. What was under way is there once. */
export async function frozen_network(): Promise<Figures> {
	let figures: Figures | undefined;
	await with_server({}, async (witness) => {
		const proxy = PostgresqlProxy.before(witness.db);
		await proxy.accept();
		try {
			await with_server({ db: proxy.through(witness.db), key: witness.key, bootstrap: false }, async (server) => {
				server.expect_errors(WHEN_LOST);
				const body = event_of("deployment");
				proxy.fate = () => (proxy.freeze(), "pass"); /* its answer will not come through */
				const in_doubt = server.post("/deployment-events/", body, { headers: { "Idempotency-Key": "in-doubt" } });
				const asked = await ask_all(server).finally(() => {
					proxy.fate = () => "pass";
					proxy.thaw();
				});
				figures = { ...asked, again: await until_written(server, performance.now()) };
				await in_doubt;
				const again = await server.post("/deployment-events/", body, { headers: { "Idempotency-Key": "in-doubt" } });
				assert.equal(again.status, 200);
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
				const asked = [server.post("/deployment-events/", event_of("deployment")), server.get("/products/")].map((answer) => answer.catch(() => undefined));
				await sleep(EVERY);
				const exit = await server.stop();
				took = exit.milliseconds;
				server.assert_clean_exit(exit);
				await Promise.all(asked);
			});
		} finally {
			proxy.thaw();
			await proxy.refuse();
		}
	});
	return took;
}

/* The primary's machine hangs for good, and the standby is promoted. */
export async function frozen_primary(): Promise<Figures> {
	let figures: Figures | undefined;
	await with_cluster({ durable: true }, async (cluster) => {
		const standby = await cluster.add_standby({ synchronous: true });
		await with_server({ db: cluster.url_of(cluster.primary, standby) }, async (server) => {
			server.expect_errors(WHEN_LOST);
			assert.equal((await server.post("/deployment-events/", event_of("deployment"))).status, 200);
			cluster.primary.freeze();
			try {
				const asked = await ask_all(server);
				standby.promote();
				figures = { ...asked, again: await until_written(server, performance.now()) };
			} finally {
				cluster.primary.kill();
			}
		});
	});
	return figures!;
}
