/* Which events are told to which channels: preferences, filters, transitions, and what is never told. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { at_second, build, deploy, event_of, Fields, get_ok } from "./api";
import { change, channel_of, history, prefer, remove, run_of, settled, types_of, types_received, use_world } from "./notifications";
import { unique } from "./server";

describe("notifications, from preference to message", () => {
	const world = use_world({ mail: false });
	const { server, receiver } = world;

	const RUN = ["pending", "started", "success"];
	const TOLD = ["deployment.pending", "deployment.started", "deployment.completed"];

	/* What the channel was told in the end, by the order of events: each one delivered, and those of one deployment or build in their order. */
	async function told(target: { id: string; path: string }): Promise<string[]> {
		const rows = await settled(server, target.id);
		const requests = receiver.at(target.path);
		assert.deepEqual(rows.map((row) => row.state), rows.map(() => "delivered"));
		assert.equal(requests.length, rows.length);
		for (const id of new Set(requests.map((r) => r.json.id)))
			assert.deepEqual(types_received(requests.filter((r) => r.json.id === id)), types_of(rows.filter((row) => (row.deployment_id ?? row.build_id) === id)));
		return types_of(rows);
	}

	test("a pipeline's run: three events, three messages, in their order", async () => {
		const target = await world.channel("webhook");
		for (const type of TOLD) await prefer(server, target.id, type);
		const { id } = await run_of(server, RUN);
		assert.deepEqual(await told(target), TOLD);
		const requests = receiver.at(target.path);
		assert.deepEqual(requests.map((r) => r.json.id), [id, id, id]);
		assert.deepEqual(requests.map((r) => r.headers["x-versioner-event"]), TOLD);
	});

	test("only those that the preferences ask for", async () => {
		const target = await world.channel("webhook");
		await prefer(server, target.id, "deployment.pending");
		await prefer(server, target.id, "deployment.completed");
		await run_of(server, RUN);
		assert.deepEqual(await told(target), ["deployment.pending", "deployment.completed"]);
	});

	for (const [status, type] of [["failed", "deployment.failed"], ["aborted", "deployment.aborted"]]) {
		test(`a run that ends as ${status}`, async () => {
			const target = await world.webhook("deployment.*");
			await run_of(server, ["started", status]);
			assert.deepEqual(await told(target), ["deployment.started", type]);
		});
	}

	test("a build's run, and no deployment among it", async () => {
		const target = await world.webhook("build.*");
		const product_name = unique("built");
		for (const status of ["pending", "started", "success"]) await build(server, { product_name, invoke_id: "1", status });
		for (const status of ["started", "failed"]) await build(server, { product_name, invoke_id: "2", status });
		await build(server, { product_name, invoke_id: "3", status: "aborted" });
		await run_of(server, ["success"], { product_name });
		const types = ["pending", "started", "completed", "started", "failed", "aborted"].map((state) => `build.${state}`);
		assert.deepEqual((await told(target)).sort(), types.sort());
	});

	test("* is everything", async () => {
		const product_name = unique("everything");
		const target = await world.webhook("*", { products: [product_name] });
		await build(server, { product_name, status: "success" });
		await run_of(server, ["started", "success"], { product_name });
		assert.deepEqual((await told(target)).sort(), ["build.completed", "deployment.completed", "deployment.started"]);
	});

	test("the old names version.started … mean build.started …", async () => {
		const product_name = unique("old-names");
		const target = await world.channel("webhook");
		for (const word of ["pending", "started", "completed", "failed", "aborted"]) {
			const created = await prefer(server, target.id, `version.${word}`, { products: [product_name] });
			assert.ok([`version.${word}`, `build.${word}`].includes(created.event_type), created.event_type);
		}
		for (const status of ["pending", "started", "success"]) await build(server, { product_name, invoke_id: "1", status });
		for (const status of ["failed", "aborted"]) await build(server, { product_name, invoke_id: status, status });
		assert.deepEqual((await told(target)).sort(), ["aborted", "completed", "failed", "pending", "started"].map((s) => `build.${s}`));
	});

	test("two preferences that match the same event on the same channel send it once", async () => {
		const product_name = unique("twice");
		const target = await world.webhook("*", { products: [product_name] });
		await prefer(server, target.id, "deployment.*", { products: [product_name] });
		await prefer(server, target.id, "deployment.completed", { environments: ["production"] });
		await prefer(server, target.id, "deployment.recovered", { products: [product_name] });
		await run_of(server, ["failed"], { product_name, version: "1" });
		await run_of(server, ["success"], { product_name, version: "2" });
		assert.deepEqual(await told(target), ["deployment.failed", "deployment.completed"]);
	});

	test("each channel that asks is told", async () => {
		const product_name = unique("several");
		const targets = await Promise.all([1, 2, 3].map(() => world.webhook("deployment.completed", { products: [product_name] })));
		await run_of(server, ["success"], { product_name });
		for (const target of targets) assert.deepEqual(await told(target), ["deployment.completed"]);
	});

	describe("filters", () => {
		/* Sends one completed deployment for each place, and gives those that were told. */
		async function matching(filters: Fields, places: [product: string, environment: string][], status = "success", event_type = "*"): Promise<string[]> {
			const mark = unique("f");
			const own = (names: unknown): unknown => (Array.isArray(names) ? names.map((name) => `${mark}-${name}`) : names);
			const target = await world.webhook(event_type, { ...filters, products: own(filters.products ?? ["*"]) });
			for (const [product, environment_name] of places) await deploy(server, { product_name: `${mark}-${product}`, environment_name, status });
			await told(target);
			return receiver.at(target.path).map((r) => `${r.json.product_name.slice(mark.length + 1)} ${r.json.environment}`).sort();
		}

		test("products", async () => {
			const places: [string, string][] = [["shop", "production"], ["shop-api", "production"], ["blog", "production"]];
			assert.deepEqual(await matching({ products: ["shop", "blog"] }, places), ["blog production", "shop production"]);
			assert.deepEqual(await matching({ products: ["shop*"] }, places), ["shop production", "shop-api production"]);
			assert.deepEqual(await matching({ products: ["*-api"] }, places), ["shop-api production"]);
			assert.deepEqual(await matching({ products: ["s*p*a*i", "nothing"] }, places), ["shop-api production"]);
			assert.deepEqual(await matching({ products: ["Shop"] }, places), []);
		});

		test("environments", async () => {
			const places: [string, string][] = [["a", "production"], ["a", "production-eu"], ["a", "staging"]];
			assert.deepEqual(await matching({ environments: ["production"] }, places), ["a production"]);
			assert.deepEqual(await matching({ environments: ["production*"] }, places), ["a production", "a production-eu"]);
			assert.deepEqual(await matching({ environments: ["*-eu", "staging"] }, places), ["a production-eu", "a staging"]);
			assert.deepEqual(await matching({ environments: ["*"] }, places), ["a production", "a production-eu", "a staging"]);
		});

		test("the types of environments", async () => {
			const places: [string, string][] = [["a", "live"], ["a", "eu-prod"], ["a", "uat"], ["a", "qa"], ["a", "somewhere"]];
			assert.deepEqual(await matching({ environment_types: ["production"] }, places), ["a eu-prod", "a live"]);
			assert.deepEqual(await matching({ environment_types: ["staging", "test", "other"] }, places), ["a qa", "a somewhere", "a uat"]);
		});

		test("the type of an environment is what it is at the event, not what its name says", async () => {
			const product_name = unique("typed"), environment_name = unique("somewhere");
			const target = await world.webhook("*", { products: [product_name], environment_types: ["production"] });
			const { environment_id } = await deploy(server, { product_name, environment_name, version: "1" });
			await change(server, `/environments/${environment_id}`, { type: "production" });
			await deploy(server, { product_name, environment_name, version: "2" });
			await told(target);
			assert.deepEqual(receiver.at(target.path).map((r) => r.json.version), ["2"]);
		});

		test("statuses", async () => {
			const product_name = unique("statuses");
			const target = await world.webhook("*", { products: [product_name], statuses: ["failed", "aborted"] });
			await run_of(server, ["started", "failed"], { product_name });
			await run_of(server, ["started", "success"], { product_name });
			await run_of(server, ["aborted"], { product_name });
			await build(server, { product_name, status: "failed" });
			assert.deepEqual((await told(target)).sort(), ["build.failed", "deployment.aborted", "deployment.failed"]);
		});

		test("all of them must match", async () => {
			const filters = { products: ["a"], environments: ["prod*"], environment_types: ["production"], statuses: ["completed"] };
			const places: [string, string][] = [["a", "production"], ["b", "production"], ["a", "staging"], ["a", "prodigy"]];
			assert.deepEqual(await matching(filters, places), ["a production"]);
			assert.deepEqual(await matching(filters, places, "failed"), []);
		});

		test("empty and absent ones match all", async () => {
			const product_name = unique("empty");
			for (const filters of [undefined, null, {}, { environments: [], statuses: [], environment_types: [] }]) {
				const target = await world.channel("webhook");
				await prefer(server, target.id, "deployment.completed", filters as Fields);
				const { id } = await run_of(server, ["success"], { product_name });
				assert.equal((await history(server, { channel: target.id, deployment: id })).length, 1, JSON.stringify(filters));
				await change(server, `/notification-channels/${target.id}`, { enabled: false });
			}
		});

		test("a build has no environment: a filter of environments does not match it", async () => {
			const product_name = unique("no-place");
			const named = await world.webhook("*", { products: [product_name], environments: ["production"] });
			const typed = await world.webhook("*", { products: [product_name], environment_types: ["production"] });
			await build(server, { product_name });
			await run_of(server, ["success"], { product_name });
			assert.deepEqual(await told(named), ["deployment.completed"]);
			assert.deepEqual(await told(typed), ["deployment.completed"]);
		});

		test("a pattern of many stars costs nothing", async () => {
			const product_name = `${unique("stars")}-${"a".repeat(200)}`;
			const target = await world.webhook("*", { products: [`${"*a".repeat(100)}*b`] });
			const begun = Date.now();
			for (let i = 0; i < 20; i++) await deploy(server, { product_name, version: `${i}` });
			assert.ok(Date.now() - begun < 10_000);
			assert.deepEqual(await told(target), []);
		});
	});

	describe("what is switched off", () => {
		test("a disabled preference asks for nothing, until it is enabled", async () => {
			const target = await world.channel("webhook");
			const product_name = unique("off");
			const preference = await prefer(server, target.id, "*", { products: [product_name] }, { enabled: false });
			await run_of(server, ["success"], { product_name });
			await change(server, `/notification-preferences/${preference.id}`, { enabled: true });
			await run_of(server, ["failed"], { product_name });
			await change(server, `/notification-preferences/${preference.id}`, { enabled: false });
			await run_of(server, ["success"], { product_name });
			assert.deepEqual(await told(target), ["deployment.failed"]);
		});

		test("a disabled channel is told nothing, until it is enabled", async () => {
			const target = await world.channel("webhook", { enabled: false });
			const product_name = unique("off");
			await prefer(server, target.id, "*", { products: [product_name] });
			await run_of(server, ["success"], { product_name });
			assert.deepEqual(await history(server, { channel: target.id }), []);
			await change(server, `/notification-channels/${target.id}`, { enabled: true });
			await run_of(server, ["failed"], { product_name });
			await settled(server, target.id);
			await change(server, `/notification-channels/${target.id}`, { enabled: false });
			await run_of(server, ["success"], { product_name });
			assert.deepEqual(await told(target), ["deployment.failed"]);
			assert.equal((await channel_of(server, target.id)).disabled_reason, null, "a person switched it off, not the product");
		});

		test("a channel that is deleted is told nothing more; its name is free, its preferences are gone", async () => {
			const name = unique("gone");
			const target = await world.channel("webhook", { name });
			const preference = await prefer(server, target.id, "*");
			await run_of(server, ["success"]);
			await settled(server, target.id);
			await remove(server, `/notification-channels/${target.id}`);
			const count = receiver.at(target.path).length;
			const { id } = await run_of(server, ["success"]);
			assert.equal((await history(server, { deployment: id })).filter((row) => row.channel_id === target.id || row.channel_name === name).length, 0);
			assert.equal(receiver.at(target.path).length, count);
			assert.equal((await server.get(`/notification-channels/${target.id}`)).status, 404);
			assert.equal((await server.get(`/notification-preferences/${preference.id}`)).status, 404);
			await world.channel("webhook", { name });
		});

		test("a deleted preference asks for nothing", async () => {
			const target = await world.channel("webhook");
			const preference = await prefer(server, target.id, "*");
			await remove(server, `/notification-preferences/${preference.id}`);
			const { id } = await run_of(server, ["success"]);
			assert.deepEqual(await history(server, { channel: target.id, deployment: id }), []);
		});
	});

	describe("what changed nothing is not told", () => {
		const product = (): { product_name: string; invoke_id: string } => ({ product_name: unique("quiet"), invoke_id: "1" });

		test("duplicates", async () => {
			const given = product();
			const target = await world.webhook("*", { products: [given.product_name] });
			for (const status of ["started", "started", "success", "success", "completed"]) await deploy(server, { ...given, status });
			for (const status of ["started", "started", "failed", "failed"]) await build(server, { ...given, status });
			assert.deepEqual((await told(target)).sort(), ["build.failed", "build.started", "deployment.completed", "deployment.started"]);
		});

		test("pending after started", async () => {
			const given = product();
			const target = await world.webhook("*", { products: [given.product_name] });
			for (const status of ["started", "pending", "success"]) await deploy(server, { ...given, status });
			assert.deepEqual(await told(target), ["deployment.started", "deployment.completed"]);
		});

		test("late events", async () => {
			const given = product();
			const target = await world.webhook("*", { products: [given.product_name] });
			await deploy(server, { ...given, status: "success", completed_at: at_second(100) });
			await deploy(server, { ...given, status: "started", occurred_at: at_second(10) });
			await deploy(server, { ...given, status: "pending", occurred_at: at_second(5) });
			assert.deepEqual(await told(target), ["deployment.completed"]);
		});

		test("an event that is sent again under its Idempotency-Key", async () => {
			const given = product();
			const target = await world.webhook("*", { products: [given.product_name] });
			const headers = { "Idempotency-Key": unique("key") };
			for (let i = 0; i < 3; i++) await deploy(server, { product_name: given.product_name, status: "success" }, { headers });
			assert.deepEqual(await told(target), ["deployment.completed"]);
		});

		test("an event that was refused", async () => {
			const given = product();
			const target = await world.webhook("*", { products: [given.product_name] });
			await build(server, { ...given, scm_sha: "a".repeat(40) });
			const refused = await server.post("/build-events/", event_of("build", { ...given, invoke_id: "2", scm_sha: "b".repeat(40) }));
			assert.equal(refused.status, 409);
			assert.deepEqual(await told(target), ["build.completed"]);
		});

		test("a correction is told, as what it became", async () => {
			const given = product();
			const target = await world.webhook("*", { products: [given.product_name] });
			for (const status of ["started", "success", "failed"]) await deploy(server, { ...given, status });
			assert.deepEqual(await told(target), ["deployment.started", "deployment.completed", "deployment.failed"]);
			assert.equal(receiver.at(target.path)[2].json.is_successful, false);
		});
	});

	test("bulk events are told as others are, and with ?notify=false not at all", async () => {
		const product_name = unique("bulk");
		const target = await world.webhook("*", { products: [product_name] });
		const lines = (version: string): string => ["started", "success"].map((status) => JSON.stringify({ kind: "deployment", ...event_of("deployment", { product_name, version, status }) })).join("\n");
		const headers = { "content-type": "application/x-ndjson" };
		assert.equal((await server.post("/events/bulk?notify=false", lines("1"), { headers })).status, 200);
		assert.deepEqual(await history(server, { channel: target.id }), []);
		assert.equal((await server.post("/events/bulk?notify=true", lines("2"), { headers })).status, 200);
		assert.equal((await server.post("/events/bulk", lines("3"), { headers })).status, 200);
		assert.equal((await told(target)).length, 4);
		assert.deepEqual(receiver.at(target.path).map((r) => r.json.version).sort(), ["2", "2", "3", "3"]);
	});

	test("?notify=false stores one event without telling anybody", async () => {
		const product_name = unique("silent");
		const target = await world.webhook("*", { products: [product_name] });
		for (const kind of ["deployment", "build"]) {
			const answer = await server.post(`/${kind}-events/?notify=false`, event_of(kind as any, { product_name }));
			assert.equal(answer.status, 200, answer.text);
		}
		assert.deepEqual(await told(target), []);
	});

	test("a preference counts from the event after its 201, and no more from the one after its 204", async () => {
		const target = await world.channel("webhook");
		for (let i = 0; i < 50; i++) {
			const preference = await prefer(server, target.id, "deployment.completed");
			const asked = await deploy(server, {});
			await remove(server, `/notification-preferences/${preference.id}`);
			const unasked = await deploy(server, {});
			assert.equal((await history(server, { channel: target.id, deployment: asked.id })).length, 1, `round ${i}`);
			assert.equal((await history(server, { channel: target.id, deployment: unasked.id })).length, 0, `round ${i}`);
		}
		assert.equal((await told(target)).length, 50);
	});

	describe("transitions", () => {
		/* What a channel is told that asks for one transition alone, for completed or failed versions in that order. */
		async function of(event_type: string, versions: string[], environments = ["production"]): Promise<string[]> {
			const product_name = unique("transition");
			const target = await world.webhook(event_type, { products: [product_name] });
			for (const [i, word] of versions.entries()) {
				const [version, status] = word.split(" ");
				await deploy(server, { product_name, version, status: status ?? "success", environment_name: environments[i % environments.length], invoke_id: `${i}` });
			}
			await told(target);
			return receiver.at(target.path).map((r) => `${r.json.event_type} ${r.json.version}`).sort();
		}

		test("recovered is the first success after a failure in that place", async () => {
			assert.deepEqual(await of("deployment.recovered", ["1", "2 failed", "3", "4"]), ["deployment.recovered 3"]);
			assert.deepEqual(await of("deployment.recovered", ["1 failed", "2 failed", "3", "4 failed", "5"]), ["deployment.recovered 3", "deployment.recovered 5"]);
		});

		test("events of one bulk body see each other", async () => {
			const product_name = unique("transition");
			const target = await world.webhook("deployment.recovered", { products: [product_name] });
			const lines = ["1 failed", "2 success", "3 success", "4 failed", "5 success"].map((word) => {
				const [version, status] = word.split(" ");
				return JSON.stringify({ kind: "deployment", ...event_of("deployment", { product_name, version, status }) });
			});
			assert.equal((await server.post("/events/bulk", lines.join("\n"), { headers: { "content-type": "application/x-ndjson" } })).status, 200);
			await told(target);
			assert.deepEqual(receiver.at(target.path).map((r) => r.json.version).sort(), ["2", "5"]);
		});

		test("a failure elsewhere is no reason", async () => {
			assert.deepEqual(await of("deployment.recovered", ["1 failed", "2", "3 failed", "4"], ["staging", "production"]), []);
		});

		test("without a failure before there is nothing to recover from", async () => {
			assert.deepEqual(await of("deployment.recovered", ["1", "2", "1"]), []);
		});

		test("rolled_back is a version that had been current there before, and replaces another", async () => {
			assert.deepEqual(await of("deployment.rolled_back", ["1", "2", "1"]), ["deployment.rolled_back 1"]);
			assert.deepEqual(await of("deployment.rolled_back", ["1", "2", "2", "3"]), []);
			assert.deepEqual(await of("deployment.rolled_back", ["1", "2", "1 failed"]), []);
		});

		test("the body says so too: kind and previous_version", async () => {
			const product_name = unique("transition");
			const target = await world.webhook("deployment.rolled_back", { products: [product_name] });
			for (const version of ["1", "2", "1"]) await deploy(server, { product_name, version });
			await told(target);
			const [request] = receiver.at(target.path);
			assert.deepEqual([request.json.kind, request.json.previous_version, request.json.is_successful], ["rollback", "2", true]);
			assert.equal(request.headers["x-versioner-event"], "deployment.rolled_back");
		});
	});

	test("the page of a deployment has its notifications", async () => {
		const target = await world.webhook("*");
		const { id } = await run_of(server, ["started", "success"]);
		await settled(server, target.id);
		const { notifications } = await get_ok(server, `/deployments/${id}`);
		const own = notifications.filter((n: any) => n.channel_id === target.id || n.channel_name === undefined || n.channel_name.startsWith("webhook"));
		assert.ok(own.length >= 2, JSON.stringify(notifications));
		for (const type of ["deployment.started", "deployment.completed"]) assert.ok(own.some((n: any) => n.event_type === type && n.state === "delivered"));
	});
});
