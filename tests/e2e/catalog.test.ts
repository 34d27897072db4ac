/* Products and environments by hand: create, change, hide. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { assert_error, assert_field_errors, control, deploy, events_of, get_ok, list_all, matrix_row, missing, no_text, NOT_FOUND, TIME, too_long, UUID7 } from "./api";
import { unique, use_server } from "./server";

interface Noun {
	path: string;
	extra: Record<string, unknown>;
	event_field: string;
}
const NOUNS: Noun[] = [
	{ path: "/products/", extra: {}, event_field: "product_name" },
	{ path: "/environments/", extra: { type: "staging", position: 7 }, event_field: "environment_name" },
];

for (const { path, extra, event_field } of NOUNS) {
	describe(`catalog: ${path}`, () => {
		const server = use_server();
		const made = async (more: Record<string, unknown> = {}): Promise<any> => {
			const answer = await server.post(path, { name: unique("thing"), ...more });
			assert.equal(answer.status, 201, answer.text);
			return answer.json;
		};
		/* What a single object shows beyond what was made: where it is. */
		const shown = async (id: string): Promise<any> => ({ ...(await get_ok(server, `${path}${id}`)), environments: undefined, products: undefined });
		const plain = (thing: any): any => ({ ...thing, environments: undefined, products: undefined });
		const change = (id: string, body: unknown): ReturnType<typeof server.request> => server.request("PATCH", `${path}${id}`, { body });

		test("POST creates: 201 with everything that was given", async () => {
			const given = { name: unique("thing"), description: "for tests", extra_metadata: { team: "a", tags: ["x"] }, ...extra };
			const answer = await server.post(path, given);
			assert.equal(answer.status, 201, answer.text);
			for (const [key, value] of Object.entries(given)) assert.deepEqual(answer.json[key], value, key);
			assert.match(answer.json.id, UUID7);
			assert.match(answer.json.created_at, TIME);
			assert.deepEqual(await shown(answer.json.id), plain(answer.json));
		});

		test("only the name is required", async () => {
			const one = await made();
			assert.equal(one.description, null);
			assert.equal(one.extra_metadata, null);
		});

		test("each field is checked, and every wrong one is listed", async () => {
			assert_field_errors(await server.post(path, {}), [missing("name")]);
			assert_field_errors(await server.post(path, { name: 5 }), [no_text("name")]);
			assert_field_errors(await server.post(path, { name: "x".repeat(256) }), [too_long("name", 255)]);
			assert_field_errors(await server.post(path, { name: "a\u0000b" }), [control("name")]);
			const all = await server.post(path, { name: "", description: [], extra_metadata: "x" });
			assert.deepEqual(all.json.detail.map((d: any) => d.loc[1]), ["name", "description", "extra_metadata"]);
			assert.equal((await server.post(path, "[]")).json.detail[0].type, "type_error.dict");
			assert.equal((await server.post(path, "{")).status, 400);
		});

		test("a name that is taken is 409, by POST and by PATCH, also when an event created it", async () => {
			const one = await made();
			const two = await made();
			const from_event = unique("evented");
			await deploy(server, { [event_field]: from_event });
			for (const name of [one.name, `  ${one.name} `, from_event]) {
				const answer = await server.post(path, { name });
				assert.equal(answer.status, 409, name);
				assert.equal(answer.json.error, "NAME_TAKEN");
				assert.equal(typeof answer.json.detail, "string");
				assert.equal(answer.json.message, answer.json.detail);
			}
			assert.equal((await change(two.id, { name: one.name })).json.error, "NAME_TAKEN");
			assert.equal((await change(two.id, { name: two.name })).status, 200, "one's own name is not taken");
		});

		test("two creations of one name at the same time: one wins", async () => {
			const name = unique("race");
			const answers = await Promise.all(Array.from({ length: 10 }, () => server.post(path, { name })));
			assert.deepEqual(answers.map((a) => a.status).sort(), [201, ...Array<number>(9).fill(409)]);
		});

		test("PATCH changes what is given and nothing else", async () => {
			const one = await made({ description: "before", extra_metadata: { a: 1 }, ...extra });
			const answer = await change(one.id, { description: "after" });
			assert.equal(answer.status, 200, answer.text);
			assert.deepEqual({ ...answer.json, updated_at: 0 }, { ...one, description: "after", updated_at: 0 });
			assert.deepEqual(await shown(one.id), plain(answer.json));
			assert.equal((await change(one.id, {})).status, 200);
			assert.equal((await change(one.id, { name: 7 })).status, 422);
			for (const key of ["name", ...("type" in extra ? ["type"] : [])]) {
				for (const nothing of [null, "", " "]) assert_field_errors(await change(one.id, { [key]: nothing }), [{ field: key, type: "value_error.missing" }]);
			}
			assert.deepEqual(await shown(one.id), plain(answer.json));
			assert_error(await change("00000000-0000-7000-8000-000000000000", { description: "x" }), 404, NOT_FOUND);
		});

		test("a new name keeps the object: events under it belong to it, events under the old one make another", async () => {
			const one = await made();
			const renamed = unique("renamed");
			assert.equal((await change(one.id, { name: renamed })).status, 200);
			const id = event_field.replace("_name", "_id");
			assert.equal((await deploy(server, { [event_field]: renamed }))[id], one.id);
			assert.notEqual((await deploy(server, { [event_field]: one.name }))[id], one.id);
		});

		test("DELETE hides: 204, then 404, gone from list and matrix; history stays", async () => {
			const name = unique("deleted");
			const product = event_field === "product_name" ? name : unique("product");
			const deployed = await deploy(server, { product_name: product, [event_field]: name });
			const id = deployed[event_field.replace("_name", "_id")];
			const answer = await server.request("DELETE", `${path}${id}`);
			assert.equal(answer.status, 204);
			assert.equal(answer.bytes.length, 0);
			assert_error(await server.get(`${path}${id}`), 404, NOT_FOUND);
			assert_error(await change(id, { description: "x" }), 404, NOT_FOUND);
			assert_error(await server.request("DELETE", `${path}${id}`), 404, NOT_FOUND);
			assert.ok(!(await list_all(server, path)).some((i) => i.id === id));
			const row = await matrix_row(server, product);
			assert.ok(row === undefined || row.cells[name] === undefined);
			assert.ok(!(await get_ok(server, "/environment-state/")).environments.some((e: any) => e.id === id));
			assert.equal((await get_ok(server, `/deployments/${deployed.id}`)).id, deployed.id);
			assert.equal((await get_ok(server, `/events/${deployed.event_id}`)).id, deployed.event_id);
		});

		test("the next event that names it creates it anew", async () => {
			const name = unique("again");
			const id = event_field.replace("_name", "_id");
			const product = event_field === "product_name" ? name : unique("product");
			const first = await deploy(server, { product_name: product, [event_field]: name });
			await server.request("DELETE", `${path}${first[id]}`);
			const second = await deploy(server, { product_name: product, [event_field]: name });
			assert.notEqual(second[id], first[id]);
			assert.equal(second.kind, "initial");
			assert.equal((await matrix_row(server, product))!.cells[event_field === "product_name" ? "production" : name].deployment_id, second.id);
			assert.ok((await events_of(server, second.product_id)).some((e) => e.id === second.event_id));
		});

		test("a deleted name can be taken by POST", async () => {
			const one = await made();
			await server.request("DELETE", `${path}${one.id}`);
			const two = await made({ name: one.name });
			assert.notEqual(two.id, one.id);
		});
	});
}

describe("catalog: what environments have beyond products", () => {
	const server = use_server();

	test("the type comes from the name unless it is given", async () => {
		assert.equal((await server.post("/environments/", { name: "uat-9" })).json.type, "staging");
		assert.equal((await server.post("/environments/", { name: "uat-10", type: "production" })).json.type, "production");
	});

	test("a type that is none, a position that is none", async () => {
		assert.deepEqual((await server.post("/environments/", { name: unique("e"), type: "sideways", position: "first" })).json.detail.map((d: any) => d.loc), [["body", "type"], ["body", "position"]]);
	});

	test("a position set by hand orders the matrix before types and names", async () => {
		const names = ["zz-dev", "aa-dev", "production-q"];
		const product = unique("order");
		for (const environment_name of names) await deploy(server, { product_name: product, environment_name });
		const order = async (): Promise<string[]> =>
			(await get_ok(server, "/environment-state/")).environments.map((e: any) => e.name).filter((n: string) => names.includes(n));
		assert.deepEqual(await order(), ["aa-dev", "zz-dev", "production-q"]);
		const zz = (await list_all(server, "/environments/")).find((e) => e.name === "zz-dev");
		const aa = (await list_all(server, "/environments/")).find((e) => e.name === "aa-dev");
		await server.request("PATCH", `/environments/${zz.id}`, { body: { position: 1 } });
		await server.request("PATCH", `/environments/${aa.id}`, { body: { position: 2 } });
		const moved = await order();
		assert.ok(moved.indexOf("zz-dev") < moved.indexOf("aa-dev"), moved.join(", "));
	});

	test("a type changed by hand stays through later events", async () => {
		const { environment_id } = await deploy(server, { environment_name: "blue-7" });
		assert.equal((await get_ok(server, `/environments/${environment_id}`)).type, "other");
		await server.request("PATCH", `/environments/${environment_id}`, { body: { type: "production" } });
		await deploy(server, { environment_name: "blue-7" });
		assert.equal((await get_ok(server, `/environments/${environment_id}`)).type, "production");
	});
});
