/* Lists and single objects: shapes, filters, pages that stay stable while others write. */
import { before, describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { assert_error, at_second, build, deploy, get_ok, list_all, NOT_FOUND, query, stored_second, TIME, UUID7 } from "./api";
import { Server, sleep, unique, use_server } from "./server";

const EVENT_ITEM = ["id", "event_type", "kind", "effect", "deployment_id", "build_id", "product_id", "product_name", "environment_id", "environment_name",
	"version_id", "version", "actor", "occurred_at", "received_at", "payload"];
const LISTS = ["events", "deployments", "builds", "versions", "products", "environments"];

async function fill(server: Server, count: number, prefix: string): Promise<void> {
	for (let i = 0; i < count; i++) {
		const given = { product_name: `${prefix}-${i}`, version: `${i}` };
		await build(server, given);
		await deploy(server, { ...given, environment_name: `${prefix}-env-${i}` });
	}
}

describe("lists", () => {
	const server = use_server();
	before(() => fill(server, 25, "page"));

	for (const name of LISTS) {
		const target = `/${name}/`;
		const ids = async (values: Record<string, string | number | undefined>): Promise<string[]> =>
			(await get_ok(server, target + query(values))).items.map((i: any) => i.id);

		test(`${target}: pages of every size give each item once, in one order`, async () => {
			const all = (await list_all(server, target)).map((i) => i.id);
			assert.equal(new Set(all).size, all.length);
			assert.ok(all.length >= 25);
			for (const limit of [1, 7, 25, 200]) {
				const walked: string[] = [];
				let cursor: string | undefined;
				do {
					const page = await get_ok(server, target + query({ limit, cursor }));
					assert.ok(page.items.length <= limit);
					assert.deepEqual(Object.keys(page).sort(), ["items", "next_cursor"]);
					walked.push(...page.items.map((i: any) => i.id));
					cursor = page.next_cursor ?? undefined;
				} while (cursor !== undefined);
				assert.deepEqual(walked, all, `limit ${limit}`);
			}
		});

		test(`${target}: the Link header leads to the next page and ends with the last`, async () => {
			const walked: string[] = [];
			for (let next: string | undefined = `${target}?limit=10`; next; ) {
				const answer = await server.get(next);
				assert.equal(answer.status, 200, answer.text);
				walked.push(...answer.json.items.map((i: any) => i.id));
				const link: string | undefined = answer.headers.link as string | undefined;
				assert.equal(link === undefined, answer.json.next_cursor === null);
				const found: RegExpExecArray | null = /^<([^>]+)>; rel="next"$/.exec(link ?? "");
				assert.equal(found === null, link === undefined, link);
				const url: URL | undefined = found ? new URL(found[1], server.url) : undefined;
				next = url && url.pathname + url.search;
			}
			assert.deepEqual(walked, (await list_all(server, target)).map((i) => i.id));
		});

		test(`${target}: stable while others write`, async () => {
			const original = (await list_all(server, target)).map((i) => i.id);
			const walked: string[] = [];
			let cursor: string | undefined;
			let inserted = 0;
			do {
				const page = await get_ok(server, target + query({ limit: 6, cursor }));
				walked.push(...page.items.map((i: any) => i.id));
				cursor = page.next_cursor ?? undefined;
				if (inserted++ < 8) await fill(server, 1, `while-${name}-${inserted}`);
			} while (cursor !== undefined);
			assert.equal(new Set(walked).size, walked.length, "no item twice");
			const seen = new Set(walked);
			assert.deepEqual(original.filter((id) => !seen.has(id)), [], "no item left out");
		});

		test(`${target}: limit is 1 to 200 and 50 by default`, async () => {
			await fill(server, 1, `limit-${name}`);
			for (const limit of [1, 2, 200]) assert.ok((await ids({ limit })).length <= limit);
			assert.equal((await ids({ limit: 3 })).length, 3);
			for (const bad of ["0", "201", "-1", "abc", "1.5", "1e2", "99999999999999999999", "0x10", " 5", "+5"])
				assert.equal((await server.get(`${target}?limit=${encodeURIComponent(bad)}`)).status, 400, bad);
		});

		test(`${target}: a cursor that is none is 400`, async () => {
			for (const bad of ["x", "!!!!", "AAAA", "0", randomUUID().slice(1), "%ff", "a".repeat(3000), "eyJhIjoxfQ=="])
				assert.equal((await server.get(`${target}?cursor=${bad}`)).status, 400, bad);
		});

		test(`${target}: without its last slash and with doubled ones it is the same`, async () => {
			const same = await server.get(`${target}?limit=5`);
			for (const other of [`/${name}?limit=5`, `//${name}//?limit=5`]) {
				const answer = await server.get(other);
				assert.equal(answer.status, 200);
				assert.deepEqual(answer.json.items, same.json.items);
			}
		});

		test(`${target}{id}: what is not there is 404`, async () => {
			for (const id of [randomUUID(), "00000000-0000-0000-0000-000000000000", "x", "1", "' OR 1=1 --", "null", "%00", "a".repeat(500)]) {
				const answer = await server.get(`${target}${encodeURIComponent(id).replace("%2500", "%00")}`);
				if (id === "%00") assert.ok([400, 404].includes(answer.status));
				else assert_error(answer, 404, NOT_FOUND);
			}
		});

		test(`${target}{id}: each listed item can be asked for alone and says the same`, async () => {
			for (const item of (await get_ok(server, `${target}?limit=3`)).items) {
				const single = await get_ok(server, `${target}${item.id}`);
				for (const key of Object.keys(item)) assert.deepEqual(single[key], item[key], key);
				assert.deepEqual((await get_ok(server, `/${name}/${item.id}/`)).id, item.id);
			}
		});
	}

	test("fifty items are the default page", async () => {
		await fill(server, 30, "default");
		assert.equal((await get_ok(server, "/events/")).items.length, 50);
	});

	for (const name of ["events", "deployments", "builds", "versions"]) {
		test(`/${name}/ has the newest first`, async () => {
			const product = unique("newest");
			const sent: string[] = [];
			for (let i = 0; i < 5; i++) {
				const built = await build(server, { product_name: product, version: `${i}` });
				const deployed = await deploy(server, { product_name: product, version: `${i}` });
				if (name === "events") sent.push(built.event_id, deployed.event_id);
				else sent.push(name === "builds" ? built.id : name === "versions" ? built.version_id : deployed.id);
			}
			assert.deepEqual((await list_all(server, `/${name}/`, { product })).map((i) => i.id), sent.reverse());
		});
	}
});

describe("the shapes of objects", () => {
	const server = use_server();

	test("an event", async () => {
		const sent = { product_name: unique("shape"), version: "1", environment_name: "production", status: "Success", deployed_by: "ada", occurred_at: at_second(0), foreign: 1 };
		const answer = await deploy(server, sent);
		const event = await get_ok(server, `/events/${answer.event_id}`);
		assert.deepEqual(Object.keys(event).sort(), [...EVENT_ITEM].sort());
		assert.deepEqual({ ...event, received_at: 0, payload: 0, actor: 0 }, {
			id: answer.event_id, event_type: "deployment.completed", kind: "deployment", effect: "new", deployment_id: answer.id, build_id: null,
			product_id: answer.product_id, product_name: sent.product_name, environment_id: answer.environment_id, environment_name: "production",
			version_id: answer.version_id, version: "1", actor: 0, occurred_at: stored_second(0), received_at: 0, payload: 0,
		});
		assert.match(event.received_at, TIME);
		for (const name of ["product_name", "version", "environment_name", "deployed_by"] as const) assert.equal(event.payload[name], sent[name]);
	});

	test("an event of a build has no environment", async () => {
		const answer = await build(server, {});
		const event = await get_ok(server, `/events/${answer.event_id}`);
		assert.equal(event.kind, "build");
		assert.equal(event.build_id, answer.id);
		for (const key of ["deployment_id", "environment_id", "environment_name"]) assert.equal(event[key], null);
	});

	test("a deployment is its answer without what belongs to the event, and with its timeline", async () => {
		const answer = await deploy(server, { status: "failed", error_message: "boom", error_code: "E1", extra_metadata: { a: 1 } });
		const shown = await get_ok(server, `/deployments/${answer.id}`);
		const { event_id, event_type, warnings, ...rest } = answer;
		for (const [key, value] of Object.entries(rest)) assert.deepEqual(shown[key], value, key);
		assert.deepEqual(Object.keys(shown).sort(), [...Object.keys(rest), "created_at", "updated_at", "pending_at", "error_message", "error_code", "timeline", "timeline_is_longer", "notifications"].sort());
		assert.equal(shown.error_message, "boom");
		assert.equal(shown.error_code, "E1");
		assert.match(shown.created_at, TIME);
		assert.deepEqual(shown.timeline.map((e: any) => [e.id, e.event_type]), [[event_id, event_type]]);
		assert.equal(shown.timeline_is_longer, false);
		assert.deepEqual(warnings, []);
	});

	test("a timeline has the first 200 events, and the log has all of them", async () => {
		const fields = { product_name: unique("long"), invoke_id: "1", status: "started" };
		const { id } = await deploy(server, fields);
		for (let i = 0; i < 204; i++) await deploy(server, fields);
		const shown = await get_ok(server, `/deployments/${id}`);
		assert.equal(shown.timeline.length, 200);
		assert.equal(shown.timeline[0].effect, "new");
		assert.equal(shown.timeline_is_longer, true);
		const all = await list_all(server, "/events/", { deployment: id, limit: 100 });
		assert.equal(all.length, 205);
		assert.deepEqual(all.slice(-200).reverse().map((e) => e.id), shown.timeline.map((e: any) => e.id));
		assert.deepEqual(await list_all(server, "/events/", { build: "01890000-0000-7000-8000-000000000000" }), []);
		assert.equal((await server.get("/events/?deployment=nonsense")).status, 400);
	});

	test("a version has its builds and where it is", async () => {
		const product = unique("version");
		const built = await build(server, { product_name: product, scm_sha: "c".repeat(40) });
		await deploy(server, { product_name: product, environment_name: "staging" });
		await deploy(server, { product_name: product, environment_name: "production" });
		const shown = await get_ok(server, `/versions/${built.version_id}`);
		assert.match(shown.id, UUID7);
		assert.equal(shown.product_name, product);
		assert.equal(shown.version, "1.0.0");
		assert.equal(shown.scm_sha, "c".repeat(40));
		assert.match(shown.created_at, TIME);
		assert.deepEqual(shown.builds.map((b: any) => b.id), [built.id]);
		assert.ok(JSON.stringify(shown.environments).includes("staging") && JSON.stringify(shown.environments).includes("production"));
		await deploy(server, { product_name: product, environment_name: "staging", version: "2" });
		const later = await get_ok(server, `/versions/${built.version_id}`);
		assert.equal(later.environments.length, 1, "only where it is now");
	});
});

describe("filters", () => {
	const server = use_server();
	const a = unique("filter-a");
	const b = unique("filter-b");
	const c = unique("filter, c");
	const made: Record<string, any> = {};

	before(async () => {
		made.a1 = await deploy(server, { product_name: a, version: "1", environment_name: "staging", status: "success", deployed_by: "ada", completed_at: at_second(0) });
		made.a2 = await deploy(server, { product_name: a, version: "2", environment_name: "staging", status: "success", deployed_by: "bob", completed_at: at_second(10) });
		made.a3 = await deploy(server, { product_name: a, version: "2", environment_name: "production", status: "failed", deployed_by: "ada", completed_at: at_second(20) });
		made.b1 = await deploy(server, { product_name: b, version: "1", environment_name: "production", status: "started", occurred_at: at_second(30) });
		made.c1 = await build(server, { product_name: c, version: "1", status: "failed" });
		made.a4 = await build(server, { product_name: a, version: "2", status: "success" });
	});

	const names_of = async (target: string, filters: Record<string, string>): Promise<string[]> => {
		const found = (await list_all(server, target, filters)).map((i) => i.id);
		return Object.keys(made).filter((name) => found.includes(made[name].id) || found.includes(made[name].event_id)).sort();
	};

	test("deployments by product, environment, version, status, kind and who", async () => {
		const cases: [Record<string, string>, string[]][] = [
			[{}, ["a1", "a2", "a3", "b1"]],
			[{ product: a }, ["a1", "a2", "a3"]],
			[{ product: "PRODUCT_ID" }, ["a1", "a2", "a3"]],
			[{ product: `${a},${b}` }, ["a1", "a2", "a3", "b1"]],
			[{ environment: "production" }, ["a3", "b1"]],
			[{ environment: "ENVIRONMENT_ID" }, ["a1", "a2"]],
			[{ environment: "staging,production" }, ["a1", "a2", "a3", "b1"]],
			[{ product: a, environment: "production" }, ["a3"]],
			[{ version: "2" }, ["a2", "a3"]],
			[{ version: "1,2" }, ["a1", "a2", "a3", "b1"]],
			[{ status: "completed" }, ["a1", "a2"]],
			[{ status: "failed,started" }, ["a3", "b1"]],
			[{ kind: "initial" }, ["a1"]],
			[{ kind: "upgrade" }, ["a2"]],
			[{ deployed_by: "ada" }, ["a1", "a3"]],
			[{ deployed_by: "ada,bob" }, ["a1", "a2", "a3"]],
			[{ product: a, status: "completed", deployed_by: "bob" }, ["a2"]],
			[{ product: unique("nobody") }, []],
			[{ product: "" + randomUUID() }, []],
			[{ environment: "%" }, []],
			[{ product: "'; DROP TABLE event; --" }, []],
		];
		for (const [filters, expected] of cases) {
			if (filters.product === "PRODUCT_ID") filters.product = made.a1.product_id;
			if (filters.environment === "ENVIRONMENT_ID") filters.environment = made.a1.environment_id;
			assert.deepEqual(await names_of("/deployments/", filters), expected, JSON.stringify(filters));
		}
	});

	test("events by type, product, environment", async () => {
		const cases: [Record<string, string>, string[]][] = [
			[{ type: "deployment.completed" }, ["a1", "a2"]],
			[{ type: "deployment.failed,build.failed" }, ["a3", "c1"]],
			[{ type: "build.completed", product: a }, ["a4"]],
			[{ product: b }, ["b1"]],
			[{ environment: "staging" }, ["a1", "a2"]],
			[{ product: a, environment: "staging", type: "deployment.completed" }, ["a1", "a2"]],
		];
		for (const [filters, expected] of cases) assert.deepEqual(await names_of("/events/", filters), expected, JSON.stringify(filters));
	});

	test("versions and builds by product and status", async () => {
		const versions = await list_all(server, "/versions/", { product: a });
		assert.deepEqual(versions.map((v) => v.version).sort(), ["1", "2"]);
		assert.deepEqual(await names_of("/builds/", { product: a }), ["a4"]);
		assert.deepEqual(await names_of("/builds/", { status: "failed" }), ["c1"]);
	});

	test("since and until take a range of times, the first inclusive", async () => {
		const now = Date.now();
		const future = new Date(now + 3_600_000).toISOString();
		const past = "2020-01-01T00:00:00Z";
		for (const target of ["/events/", "/deployments/"]) {
			assert.ok((await names_of(target, { since: past, until: future })).length >= 4);
			assert.deepEqual(await names_of(target, { since: future }), []);
			assert.deepEqual(await names_of(target, { until: past }), []);
			await sleep(5);
			const border = new Date().toISOString();
			await sleep(5);
			const later = await deploy(server, { product_name: unique("later") });
			const since = (await list_all(server, target, { since: border })).map((i) => i.id);
			assert.deepEqual(since, [target === "/events/" ? later.event_id : later.id]);
			const until = (await list_all(server, target, { until: border })).map((i) => i.id);
			assert.ok(!until.includes(since[0]) && until.length >= 4);
		}
	});

	test("a time, status, kind or type that is none is 400", async () => {
		const bad = ["/events/?since=yesterday", "/events/?until=2026-01-01", "/deployments/?since=1", "/deployments/?status=nonsense",
			"/deployments/?kind=sideways", "/events/?type=deployment.exploded", "/environment-state/?at=then", "/environment-state/?at=2026-02-30T00:00:00Z"];
		for (const target of bad) {
			const answer = await server.get(target);
			assert.equal(answer.status, 400, `${target}: ${answer.text}`);
			assert.deepEqual(Object.keys(answer.json), ["detail"]);
			assert.equal(typeof answer.json.detail, "string");
		}
	});

	test("a query that is broken is 400: wrong percent codes, not UTF-8, a name twice", async () => {
		for (const target of ["/events/?product=%zz", "/events/?product=%ff", "/events/?product=%00", "/events/?limit=1&limit=2", "/events/?product=%e2%28%a1"])
			assert.equal((await server.get(target)).status, 400, target);
	});

	test("a plus and a percent code in a filter are a space", async () => {
		const product = "with space & more";
		const { id } = await deploy(server, { product_name: product });
		assert.deepEqual((await get_ok(server, "/deployments/?product=with%20space%20%26%20more")).items.map((i: any) => i.id), [id]);
	});

	test("a filter holds on every page", async () => {
		const product = unique("paged");
		for (let i = 0; i < 12; i++) {
			await deploy(server, { product_name: product, version: `${i}` });
			await deploy(server, { product_name: unique("noise") });
		}
		const items = await list_all(server, "/deployments/", { product, limit: 5 });
		assert.equal(items.length, 12);
		assert.ok(items.every((i) => i.product_name === product));
	});
});
