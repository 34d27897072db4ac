/* Hundreds of requests at once for the same product, environment, version and key: through two servers on PostgreSQL, through one on SQLite. */
import { after, before, describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { at_second, effects_of, event_of, EVENT_PATH, events_of, Fields, KINDS, list_all, matrix_row } from "./api";
import { ON_POSTGRESQL } from "./engine";
import { Answer, Server, unique, use_server } from "./server";

const MANY = 300;
const replayed = (answer: Answer): boolean => answer.headers["idempotency-replayed"] === "true";

describe(`races of ${MANY} requests`, () => {
	let second: Server | undefined;
	after(() => second?.close()); /* before the first one takes the store away */
	const first = use_server();
	before(async () => {
		if (!ON_POSTGRESQL) return;
		second = new Server({ db: first.db, key: first.key, bootstrap: false });
		await second.start();
	});

	/* All at once, by turns to both servers. A race is nobody's failure: no answer is a 5xx. */
	async function race(target: string, count: number, one: (i: number) => { body: unknown; key?: string }): Promise<Answer[]> {
		const answers = await Promise.all(Array.from({ length: count }, (_, i) => {
			const { body, key } = one(i);
			return (second && i % 2 ? second : first).post(target, body, { headers: key === undefined ? {} : { "Idempotency-Key": key } });
		}));
		assert.deepEqual(answers.filter(({ status }) => status >= 500).map(({ text }) => text), []);
		return answers;
	}

	/* Through either server, the same is seen. */
	async function assert_alike(product: string): Promise<void> {
		if (!second) return;
		const targets = [`/events/?limit=200&product=${product}`, `/deployments/?limit=200&product=${product}`, `/environment-state/?product=${product}`];
		for (const target of targets) assert.equal((await second.get(target)).text, (await first.get(target)).text, target);
	}

	const all_ok = (answers: Answer[]): void => assert.deepEqual(answers.filter(({ status }) => status !== 200).map(({ text }) => text), []);

	for (const kind of KINDS) {
		test(`${kind}: one key, one event, one answer`, async () => {
			for (let round = 0; round < 3; round++) {
				const body = event_of(kind, { invoke_id: "1" });
				const key = unique("race");
				const answers = await race(EVENT_PATH[kind], MANY, () => ({ body, key }));
				all_ok(answers);
				assert.equal(new Set(answers.map(({ text }) => text)).size, 1, "all have the same answer");
				assert.equal(answers.filter((answer) => !replayed(answer)).length, 1, "one is the first");
				assert.deepEqual(await effects_of(first, body.product_name as string), ["new"]);
				await assert_alike(body.product_name as string);
			}
		});

		test(`${kind}: thirty keys of the same product and version, ten requests each: one first answer a key`, async () => {
			const product = unique("keys");
			const keys = Array.from({ length: MANY / 10 }, () => unique("race"));
			const answers = await race(EVENT_PATH[kind], MANY, (i) => ({ body: event_of(kind, { product_name: product, invoke_id: keys[i % keys.length] }), key: keys[i % keys.length] }));
			all_ok(answers);
			for (let k = 0; k < keys.length; k++) {
				const own = answers.filter((_, i) => i % keys.length === k);
				assert.equal(new Set(own.map(({ text }) => text)).size, 1);
				assert.equal(own.filter((answer) => !replayed(answer)).length, 1);
			}
			assert.deepEqual(await effects_of(first, product), keys.map(() => "new"));
			assert.equal((await list_all(first, `/${kind}s/`, { product })).length, keys.length, `one ${kind} a run`);
			await assert_alike(product);
		});

		test(`${kind}: one key with three bodies: one body wins, the others are refused and not stored`, async () => {
			const body = event_of(kind);
			const key = unique("race");
			const answers = await race(EVENT_PATH[kind], MANY, (i) => ({ body: { ...body, version: `1.${i % 3}` }, key }));
			const won = answers.filter(({ status }) => status === 200);
			assert.equal(won.length, MANY / 3);
			assert.equal(new Set(won.map(({ text }) => text)).size, 1);
			assert.ok(answers.every(({ status }) => status === 200 || status === 422));
			assert.deepEqual(await effects_of(first, body.product_name as string), ["new"]);
		});

		test(`${kind}: one run without a key is one ${kind}, and each request is in the log`, async () => {
			const product = unique("run");
			const answers = await race(EVENT_PATH[kind], MANY, () => ({ body: event_of(kind, { product_name: product, invoke_id: "1" }) }));
			all_ok(answers);
			assert.equal(new Set(answers.map(({ json }) => json.id)).size, 1);
			assert.deepEqual(await effects_of(first, product), ["new", ...Array<string>(MANY - 1).fill("duplicate")]);
			assert.equal((await list_all(first, `/${kind}s/`, { product })).length, 1);
			await assert_alike(product);
		});
	}

	test("the steps of fifty runs in any order: one deployment a run, each completed, each changed something once", async () => {
		const product = unique("steps");
		const steps = ["pending", "started", "success"];
		const answers = await race("/deployment-events/", MANY, (i) => ({
			body: event_of("deployment", { product_name: product, version: "1.0.0", status: steps[i % 3], invoke_id: `${Math.floor(i / 3) % 50}`, occurred_at: at_second(0) }),
		}));
		all_ok(answers);
		const deployments = await list_all(first, "/deployments/", { product });
		assert.deepEqual([deployments.length, new Set(deployments.map(({ status }) => status))], [50, new Set(["completed"])]);
		const events = await events_of(first, product);
		assert.equal(events.length, MANY);
		for (const { id } of deployments) {
			const own = events.filter(({ deployment_id }) => deployment_id === id).reverse();
			assert.equal(own.length, MANY / 50);
			assert.deepEqual(own.filter(({ effect }) => effect === "new"), [own[0]], "the first is new, and only the first");
		}
		await assert_alike(product);
	});

	test("versions that end one second after another, sent at once: the last one to end runs", async () => {
		const product = unique("matrix");
		const order = Array.from({ length: MANY }, (_, i) => (i * 7919) % MANY);
		const answers = await race("/deployment-events/", MANY, (i) => ({ body: event_of("deployment", { product_name: product, version: `1.${order[i]}`, completed_at: at_second(order[i]) }), key: unique("race") }));
		all_ok(answers);
		assert.equal(new Set(answers.map(({ json }) => json.product_id)).size, 1);
		const cell = (await matrix_row(first, product))!.cells.production;
		assert.equal(cell.version, `1.${MANY - 1}`);
		assert.equal((await list_all(first, "/versions/", { product })).length, MANY);
		await assert_alike(product);
	});

	test("builds of one version with three commits: one commit wins, the others are told", async () => {
		const product = unique("commits");
		const answers = await race("/build-events/", MANY, (i) => ({ body: event_of("build", { product_name: product, scm_sha: "abc"[i % 3].repeat(40), invoke_id: `${i}` }) }));
		const won = new Set(answers.flatMap(({ status }, i) => (status === 200 ? [i % 3] : [])));
		assert.equal(won.size, 1);
		assert.deepEqual(answers.map(({ status }) => status), answers.map((_, i) => (won.has(i % 3) ? 200 : 409)));
		assert.equal((await events_of(first, product)).length, MANY / 3);
	});

	test("one name of a product and of an environment is given once", async () => {
		for (const target of ["/products/", "/environments/"]) {
			const name = unique("name");
			const answers = await race(target, MANY, () => ({ body: { name } as Fields }));
			assert.equal(answers.filter(({ status }) => status === 201).length, 1, target);
			assert.equal(answers.filter(({ status }) => status === 409).length, MANY - 1, target);
		}
	});

	test("all of it at once, and the tables agree with the log", async () => {
		const [product, key] = [unique("mixed"), unique("race")];
		const body = (i: number): Fields => event_of("deployment", { product_name: product, version: `1.${i % 5}`, environment_name: `place-${i % 3}`, status: ["pending", "started", "success", "failed"][i % 4], invoke_id: `${i % 30}` });
		const both = await Promise.all([
			race("/deployment-events/", MANY, (i) => ({ body: body(i), key: i % 4 ? `${key}-${i % 60}` : undefined })),
			race("/build-events/", MANY, (i) => ({ body: event_of("build", { product_name: product, version: `1.${i % 5}`, invoke_id: `${i % 30}` }), key: i % 4 ? `${key}-b-${i % 30}` : undefined })),
		]);
		both.forEach(all_ok);
		await assert_alike(product);
		first.assert_check_is_green();
	});
});
