/* Parts of names, as a search box asks for them; and parameters that a list does not take. */
import { strict as assert } from "node:assert";
import { before, describe, test } from "node:test";
import { assert_error, deploy, get_ok } from "./api";
import { use_server } from "./server";

const NAMES = ["Checkout-API", "checkout-worker", "re_check%out!", "search", "Straße", "a\\b"];
const FOUND: [string, string[]][] = [
	["check", ["Checkout-API", "checkout-worker", "re_check%out!"]],
	["CHECKOUT", ["Checkout-API", "checkout-worker"]],
	["out-w", ["checkout-worker"]],
	["%", ["re_check%out!"]],
	["_", ["re_check%out!"]],
	["!", ["re_check%out!"]],
	["\\", ["a\\b"]],
	["%%", []],
	["e_r", []],
	["raße", ["Straße"]],
	["RASSE", []],
	["'", []],
	[" search ", ["search"]],
	["", NAMES],
];

describe("search by a part of a name", () => {
	const server = use_server();
	before(async () => {
		for (const name of NAMES) {
			await deploy(server, { product_name: name, environment_name: name, version: name });
			await deploy(server, { product_name: "all of them", environment_name: NAMES[0], version: `all/${name}` });
		}
	});

	for (const [list, key, others] of [["/products/", "name", ["all of them"]], ["/environments/", "name", []]] as const) {
		for (const [q, found] of FOUND) {
			test(`${list}?q=${q}`, async () => {
				const items = (await get_ok(server, `${list}?q=${encodeURIComponent(q)}`)).items.map((item: any) => item[key]);
				assert.deepEqual(items.sort(), [...found, ...(q ? [] : others)].sort());
			});
		}
	}

	for (const [q, found] of FOUND.filter(([q]) => q)) {
		test(`/versions/?q=${q}, of all products and of one`, async () => {
			const search = `/versions/?q=${encodeURIComponent(q)}`;
			const names = async (target: string): Promise<string[]> => (await get_ok(server, target)).items.map((item: any) => item.version).sort();
			assert.deepEqual(await names(search), [...found, ...found.map((name) => `all/${name}`)].sort());
			assert.deepEqual(await names(`${search}&product=all+of+them`), found.map((name) => `all/${name}`).sort());
		});
	}

	test("with other filters, page by page", async () => {
		const one = await get_ok(server, "/products/?q=check&limit=2");
		assert.equal(one.items.length, 2);
		const two = await get_ok(server, `/products/?q=check&limit=2&cursor=${one.next_cursor}`);
		assert.equal(two.items.length, 1);
		assert.equal(two.next_cursor, null);
		assert.deepEqual((await get_ok(server, "/environments/?q=check&type=production")).items, []);
		assert.deepEqual((await get_ok(server, "/versions/?q=check&status=failed")).items, []);
		assert.equal((await get_ok(server, "/versions/?q=check&status=completed&limit=200")).items.length, 6);
	});

	test("what is no part of a name is refused", async () => {
		const long = await server.get(`/products/?q=${"x".repeat(256)}`);
		assert_error(long, 400, { detail: "Invalid query parameter: q: at most 255 characters of a name expected" });
		assert.equal((await server.get("/products/?q=a%07")).status, 400);
		assert.deepEqual((await get_ok(server, `/products/?q=${encodeURIComponent("ß".repeat(255))}`)).items, []);
		assert_error(await server.get("/deployments/?q=a"), 400, { detail: "Invalid query parameter: q: not a parameter of this path" });
	});

	test("deployments have no built_by, and builds no deployed_by", async () => {
		assert_error(await server.get("/deployments/?built_by=ada"), 400, { detail: "Invalid query parameter: built_by: not a parameter of this path" });
		assert_error(await server.get("/builds/?deployed_by=ada"), 400, { detail: "Invalid query parameter: deployed_by: not a parameter of this path" });
		assert.deepEqual((await get_ok(server, "/deployments/?deployed_by=ada")).items, []);
		assert.deepEqual((await get_ok(server, "/builds/?built_by=ada")).items, []);
	});
});
