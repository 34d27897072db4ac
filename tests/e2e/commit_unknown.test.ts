/* The connection to PostgreSQL breaks around a COMMIT, is refused, or hangs: each client gets one answer, and it is true. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { event_of, events_of } from "./api";
import { NO_CLUSTER } from "./cluster";
import { Fate, PostgresqlProxy } from "./postgresql_proxy";
import { Answer, Server, sleep, unique, with_server } from "./server";

const CUTS: Fate[] = ["cut before", "cut after", "cut at once"];
const MOST_REFUSAL = process.env.VERSIONER_SANITIZED ? 6_000 : 2_000; /* no timeout: those are longer */

interface World {
	server: Server; /* its database is behind the proxy */
	witness: Server; /* another one on the same database, without the proxy */
	proxy: PostgresqlProxy;
}

async function with_proxy(test_it: (world: World) => Promise<void>, parameters = ""): Promise<void> {
	await with_server({}, async (witness) => {
		const proxy = PostgresqlProxy.before(witness.db);
		await proxy.accept();
		const server = new Server({ db: proxy.through(witness.db) + parameters, key: witness.key, bootstrap: false });
		await server.start();
		server.expect_errors(/the connection to the database was lost|the database (is away|does not answer)|Connection refused|server closed the connection|timeout expired/);
		try {
			await test_it({ server, witness, proxy });
		} finally {
			proxy.fate = () => "pass";
			proxy.thaw();
			await server.close().finally(() => proxy.refuse());
		}
	});
}

/* The next COMMITs meet these; then all pass. */
function script(proxy: PostgresqlProxy, ...fates: Fate[]): void {
	proxy.fate = () => fates.shift() ?? "pass";
}

async function assert_once(world: World, product: string): Promise<void> {
	const effects = (await events_of(world.witness, product)).map(({ effect }) => effect);
	assert.deepEqual(effects, ["new"], product);
}

const timed = async (answer: Promise<Answer>): Promise<{ status: number; took: number }> => {
	const sent = performance.now();
	return { status: (await answer).status, took: performance.now() - sent };
};

for (const [how, parameters] of [["with prepared statements", ""], ["without", "&versioner_prepared=off"]]) {
	describe(`a COMMIT whose answer never comes, ${how}`, { skip: NO_CLUSTER }, () => {
		for (const fate of CUTS) {
			test(`${fate}: the answer is 200, and the event is there once`, async () => {
				await with_proxy(async (world) => {
					for (let i = 0; i < 8; i++) {
						const body = event_of("deployment");
						script(world.proxy, fate);
						const answer = await world.server.post("/deployment-events/", body);
						assert.equal(answer.status, 200, answer.text);
						assert.equal((await world.witness.get(`/events/${answer.json.event_id}`)).status, 200);
						await assert_once(world, body.product_name as string);
					}
					world.witness.assert_check_is_green();
				}, parameters);
			});
		}

		test("the question what became of it is cut off as well, again and again: 200, and once", async () => {
			await with_proxy(async (world) => {
				for (const fates of [["cut before", "cut before", "cut after"], ["cut after", "cut after", "cut before"], ["cut at once", "cut at once", "cut at once", "cut at once"]] as Fate[][]) {
					const body = event_of("deployment");
					script(world.proxy, ...fates);
					const answer = await world.server.post("/deployment-events/", body);
					assert.equal(answer.status, 200, answer.text);
					await assert_once(world, body.product_name as string);
				}
			}, parameters);
		});

		test("a storm of it: what has 200 is there once, what has 503 is not there", async () => {
			await with_proxy(async (world) => {
				const count = { 200: 0, 503: 0 };
				const product = unique("storm");
				let cuts = 0;
				world.proxy.fate = () => (Math.random() < 0.4 ? (cuts++, CUTS[Math.floor(Math.random() * CUTS.length)]) : Math.random() < 0.1 ? { delay: 30 } : "pass");
				const acknowledged: string[] = [];
				await Promise.all(Array.from({ length: 40 }, async (_, client) => {
					for (let i = 0; i < 25; i++) {
						const answer = await world.server.post("/deployment-events/", event_of("deployment", { product_name: product, version: `${client}.${i}`, environment_name: `place-${client % 3}` }));
						assert.ok(answer.status === 200 || answer.status === 503, answer.text);
						count[answer.status as 200 | 503]++;
						if (answer.status === 200) acknowledged.push(answer.json.event_id);
						else await sleep(20);
					}
				}));
				const events = await events_of(world.witness, product);
				assert.deepEqual(events.map(({ id }) => id).sort(), acknowledged.sort(), `${count[200]} answers 200, ${count[503]} answers 503`);
				assert.equal(new Set(events.map(({ version }) => version)).size, events.length, "none is there twice");
				assert.ok(cuts > 5 && count[200] > 100, `${cuts} cuts, ${count[200]} answers 200`);
				world.witness.assert_check_is_green();
			}, parameters);
		});
	});
}

describe("a database behind a bad network", { skip: NO_CLUSTER }, () => {
	test("connections are refused: 503 at once; once they are taken again, 200", async () => {
		await with_proxy(async ({ server, proxy }) => {
			assert.equal((await server.post("/deployment-events/", event_of("deployment"))).status, 200);
			await proxy.refuse();
			for (let i = 0; i < 20; i++) {
				const answers = await Promise.all([timed(server.post("/deployment-events/", event_of("deployment"))), timed(server.get("/products/"))]);
				for (const { status, took } of answers) {
					assert.equal(status, 503);
					assert.ok(took < MOST_REFUSAL, `503 after ${took} ms`);
				}
			}
			await proxy.accept();
			const deadline = Date.now() + 5_000;
			while ((await server.post("/deployment-events/", event_of("deployment"))).status !== 200) assert.ok(Date.now() < deadline, "still 503 after 5 seconds");
			while ((await server.get("/products/")).status !== 200) assert.ok(Date.now() < deadline, "still 503 after 5 seconds");
		});
	});

	test("a COMMIT that takes long is waited for, and everybody has its answer", async () => {
		await with_proxy(async ({ server, witness, proxy }) => {
			const product = unique("late");
			script(proxy, { delay: 1_500 });
			const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => server.post("/deployment-events/", event_of("deployment", { product_name: product, version: `${i}` }))));
			assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
			assert.deepEqual((await events_of(witness, product)).map(({ id }) => id).sort(), answers.map(({ json }) => json.event_id).sort());
		});
	});
});
