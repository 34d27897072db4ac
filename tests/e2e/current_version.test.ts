/* The current version of an environment, what a deployment was, the matrix of now and of then, drift and difference. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { at_second, build, deploy, Fields, get_ok, list_all, matrix_row, query, stored_second } from "./api";
import { unique, use_server } from "./server";

const T = at_second;
const S = stored_second;

describe("the current version", () => {
	const server = use_server();
	const done = (product: string, version: string, second: number, more: Fields = {}): Promise<any> =>
		deploy(server, { product_name: product, version, status: "success", completed_at: T(second), ...more });
	const cell = async (product: string, environment = "production", at?: string): Promise<any> => (await matrix_row(server, product, at))?.cells[environment];

	test("kinds: initial, upgrade, redeploy, rollback, and an upgrade again", async () => {
		const product = unique("kinds");
		const kinds: (string | null)[] = [];
		for (const [i, version] of ["1", "2", "2", "1", "3", "2", "4"].entries()) kinds.push((await done(product, version, i * 10)).kind);
		assert.deepEqual(kinds, ["initial", "upgrade", "redeploy", "rollback", "upgrade", "rollback", "upgrade"]);
	});

	test("a kind is only of completed deployments, and only of one environment", async () => {
		const product = unique("kinds");
		for (const status of ["pending", "started", "failed", "aborted"]) assert.equal((await deploy(server, { product_name: product, version: status, status })).kind, null);
		assert.equal((await done(product, "1", 0)).kind, "initial");
		assert.equal((await done(product, "1", 5, { environment_name: "staging" })).kind, "initial");
		assert.equal((await done(product, "2", 10)).kind, "upgrade");
	});

	test("a failed attempt of another version between two does not count for the kind", async () => {
		const product = unique("kinds");
		await done(product, "1", 0);
		await deploy(server, { product_name: product, version: "2", status: "failed", completed_at: T(5) });
		assert.equal((await done(product, "2", 10)).kind, "upgrade");
	});

	test("a cell has the version, since when, and the deployment that made it", async () => {
		const product = unique("cell");
		const one = await done(product, "1", 0);
		assert.deepEqual(await cell(product), {
			version: "1", version_id: one.version_id, deployment_id: one.id, since: S(0), kind: "initial", latest_attempt: null,
		});
	});

	test("the latest end wins, not the last received: a backfilled old deployment never becomes current", async () => {
		const product = unique("backfill");
		const now = await done(product, "2", 100);
		await done(product, "1", 50);
		assert.equal((await cell(product)).deployment_id, now.id);
		await deploy(server, { product_name: product, version: "0", status: "success", occurred_at: T(10) });
		assert.equal((await cell(product)).deployment_id, now.id);
		assert.equal((await cell(product)).version, "2");
	});

	test("a failed or running deployment on top leaves the healthy version and is shown as the latest attempt", async () => {
		const product = unique("attempt");
		const healthy = await done(product, "1", 0);
		const failed = await deploy(server, { product_name: product, version: "2", status: "failed", started_at: T(8), completed_at: T(10), invoke_id: "a" });
		let shown = await cell(product);
		assert.equal(shown.deployment_id, healthy.id);
		assert.deepEqual({ ...shown.latest_attempt, at: null }, { deployment_id: failed.id, version: "2", version_id: failed.version_id, status: "failed", at: null });
		assert.equal(shown.latest_attempt.at, S(8), "when it was deployed: the start of one that is not completed");
		const running = await deploy(server, { product_name: product, version: "3", status: "started", started_at: T(20), invoke_id: "b" });
		shown = await cell(product);
		assert.equal(shown.deployment_id, healthy.id);
		assert.equal(shown.latest_attempt.deployment_id, running.id);
		assert.equal(shown.latest_attempt.status, "started");
		await deploy(server, { product_name: product, version: "3", status: "success", completed_at: T(30), invoke_id: "b" });
		shown = await cell(product);
		assert.equal(shown.version, "3");
		assert.equal(shown.latest_attempt, null);
	});

	test("a first deployment that failed makes a place without a current version", async () => {
		const product = unique("never");
		const failed = await deploy(server, { product_name: product, version: "1", status: "failed" });
		const shown = await cell(product);
		assert.equal(shown.version, null);
		assert.equal(shown.deployment_id, null);
		assert.equal(shown.latest_attempt.deployment_id, failed.id);
	});

	test("a correction from completed to failed brings back the version before", async () => {
		const product = unique("correction");
		const one = await done(product, "1", 0, { invoke_id: "1" });
		const two = await done(product, "2", 10, { invoke_id: "2" });
		assert.equal((await cell(product)).version, "2");
		await deploy(server, { product_name: product, version: "2", status: "failed", completed_at: T(11), invoke_id: "2" });
		const shown = await cell(product);
		assert.equal(shown.deployment_id, one.id);
		assert.equal(shown.since, S(0));
		assert.equal(shown.latest_attempt.deployment_id, two.id);
		assert.equal(shown.latest_attempt.status, "failed");
		assert.equal((await get_ok(server, `/deployments/${two.id}`)).kind, null);
	});

	test("a correction from failed to completed makes it current", async () => {
		const product = unique("correction");
		await done(product, "1", 0);
		await deploy(server, { product_name: product, version: "2", status: "failed", completed_at: T(10), invoke_id: "2" });
		const mended = await done(product, "2", 12, { invoke_id: "2" });
		assert.equal(mended.kind, "upgrade");
		const shown = await cell(product);
		assert.equal(shown.version, "2");
		assert.equal(shown.since, S(12));
		assert.equal(shown.latest_attempt, null);
	});

	test("a correction of the only one leaves nothing current", async () => {
		const product = unique("correction");
		await done(product, "1", 0, { invoke_id: "1" });
		await deploy(server, { product_name: product, version: "1", status: "aborted", completed_at: T(1), invoke_id: "1" });
		const shown = await cell(product);
		assert.equal(shown.version, null);
		assert.equal(shown.latest_attempt.status, "aborted");
	});

	test("an old correction does not touch what is current", async () => {
		const product = unique("correction");
		await done(product, "1", 0, { invoke_id: "1" });
		const two = await done(product, "2", 10, { invoke_id: "2" });
		await deploy(server, { product_name: product, version: "1", status: "failed", completed_at: T(1), invoke_id: "1" });
		const shown = await cell(product);
		assert.equal(shown.deployment_id, two.id);
		assert.equal(shown.latest_attempt, null);
	});

	test("?at= gives the matrix as it was then", async () => {
		const product = unique("then");
		await done(product, "1", 100);
		await done(product, "2", 200);
		await done(product, "1", 300);
		const seen: (string | undefined)[] = [];
		for (const second of [99, 100, 150, 200, 299, 300, 1000]) seen.push((await cell(product, "production", T(second)))?.version ?? undefined);
		assert.deepEqual(seen, [undefined, "1", "1", "2", "2", "1", "1"]);
		assert.equal((await cell(product, "production", T(150))).since, S(100));
		const matrix = await get_ok(server, "/environment-state/" + query({ product, at: "2026-03-01T01:02:30+01:00" }));
		assert.equal(matrix.at, S(150));
		assert.equal((await get_ok(server, "/environment-state/")).at, null);
	});

	test("?at= sees a backfilled deployment in its time", async () => {
		const product = unique("then");
		await done(product, "2", 200);
		await done(product, "1", 100);
		assert.equal((await cell(product, "production", T(150))).version, "1");
		assert.equal((await cell(product, "production", T(250))).version, "2");
	});

	test("a row drifts when its current versions differ", async () => {
		const product = unique("drift");
		await done(product, "1", 0, { environment_name: "staging" });
		assert.equal((await matrix_row(server, product))!.drift, false);
		await done(product, "1", 1, { environment_name: "production" });
		assert.equal((await matrix_row(server, product))!.drift, false);
		await done(product, "2", 2, { environment_name: "staging" });
		assert.equal((await matrix_row(server, product))!.drift, true);
		await deploy(server, { product_name: product, version: "2", status: "failed", environment_name: "production" });
		assert.equal((await matrix_row(server, product))!.drift, true);
		await done(product, "2", 4, { environment_name: "production" });
		assert.equal((await matrix_row(server, product))!.drift, false);
	});

	test("filters of the matrix: products and environments, by name and by id, several by commas", async () => {
		const [a, b, c] = [unique("filter"), unique("filter"), unique("filter")];
		const first = await done(a, "1", 0);
		await done(b, "1", 0, { environment_name: "staging" });
		await done(c, "1", 0, { environment_name: "qa" });
		const rows = async (filters: Record<string, string>): Promise<string[]> =>
			(await get_ok(server, "/environment-state/" + query(filters))).items.map((i: any) => i.product_name).sort();
		assert.deepEqual(await rows({ product: a }), [a]);
		assert.deepEqual(await rows({ product: first.product_id }), [a]);
		assert.deepEqual(await rows({ product: `${a},${b}` }), [a, b].sort());
		const narrowed = await get_ok(server, "/environment-state/" + query({ product: `${a},${b}`, environment: "production" }));
		assert.deepEqual(narrowed.environments.map((e: any) => e.name), ["production"]);
		for (const item of narrowed.items) assert.deepEqual(Object.keys(item.cells).filter((id) => id !== first.environment_id), []);
		assert.deepEqual((await get_ok(server, "/environment-state/" + query({ product: unique("nobody") }))).items, []);
	});

	test("the matrix of many products is whole", async () => {
		const names = Array.from({ length: 60 }, () => unique("many"));
		await Promise.all(names.flatMap((name) => ["dev", "staging", "production"].map((environment_name, i) => done(name, `${i}`, i, { environment_name }))));
		const matrix = await get_ok(server, "/environment-state/");
		const by_name = new Map<string, any>(matrix.items.map((i: any) => [i.product_name, i]));
		for (const name of names) assert.equal(Object.keys(by_name.get(name)?.cells ?? {}).length, 3, name);
	});
});

describe("the difference of two environments", () => {
	const server = use_server();
	const done = (product_name: string, version: string, environment_name: string, second: number): Promise<any> =>
		deploy(server, { product_name, version, environment_name, status: "success", completed_at: T(second) });
	const diff = async (product: string): Promise<any> =>
		(await get_ok(server, "/environment-state/diff?from=staging&to=production")).items.find((i: any) => i.product_name === product);

	test("says both versions, their commits, and how many builds they are apart", async () => {
		const product = unique("diff");
		for (const [i, version] of ["1", "2", "3"].entries()) await build(server, { product_name: product, version, scm_sha: `${i}`.repeat(40), scm_repository: "acme/checkout", completed_at: T(i) });
		const staging = await done(product, "3", "staging", 10);
		const production = await done(product, "1", "production", 5);
		const item = await diff(product);
		assert.equal(item.product_id, staging.product_id);
		assert.deepEqual({ ...item.from, deployment_id: staging.id }, item.from);
		assert.deepEqual({ ...item.to, deployment_id: production.id }, item.to);
		const without_deployment = (side: any): any => Object.fromEntries(Object.entries(side).filter(([name]) => name !== "deployment_id"));
		assert.deepEqual(without_deployment(item.from), { version: "3", version_id: staging.version_id, scm_sha: "2".repeat(40), scm_repository: "acme/checkout", since: S(10) });
		assert.deepEqual(without_deployment(item.to), { version: "1", version_id: production.version_id, scm_sha: "0".repeat(40), scm_repository: "acme/checkout", since: S(5) });
		assert.equal(Math.abs(item.builds_apart), 2);
	});

	test("names both environments", async () => {
		const answer = await get_ok(server, "/environment-state/diff?from=staging&to=production");
		assert.equal(answer.from.name, "staging");
		assert.equal(answer.to.name, "production");
		const by_id = await get_ok(server, "/environment-state/diff" + query({ from: answer.from.id, to: answer.to.id }));
		assert.deepEqual(by_id, answer);
	});

	test("what is the same on both sides is no difference", async () => {
		const product = unique("same");
		await done(product, "1", "staging", 0);
		await done(product, "1", "production", 1);
		assert.equal(await diff(product), undefined);
	});

	test("what is only on one side has null on the other", async () => {
		const product = unique("one-side");
		await done(product, "1", "staging", 0);
		const item = await diff(product);
		assert.equal(item.from.version, "1");
		assert.equal(item.to, null);
		assert.equal(item.builds_apart, null);
	});

	test("unknown environments are 404, missing ones 400", async () => {
		assert.equal((await server.get("/environment-state/diff?from=staging&to=nowhere")).status, 404);
		assert.equal((await server.get("/environment-state/diff?from=staging")).status, 400);
	});

	test("builds are in the list of builds", async () => {
		assert.ok((await list_all(server, "/builds/")).length >= 3);
	});
});
