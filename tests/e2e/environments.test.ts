/* The type of an environment from its name, and the order of the matrix. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { deploy, get_ok, list_all, read_table } from "./api";
import { unique, use_server } from "./server";

const EXAMPLES = read_table("environment-types-examples.tsv");
const WORDS = read_table("environment-types.tsv");
const ORDER = ["dev", "test", "staging", "production", "other"];

describe("environment types", () => {
	const server = use_server();
	const product = unique("types");

	for (const { name, type } of EXAMPLES) {
		test(`"${name}" is ${type}`, async () => {
			const { environment_id } = await deploy(server, { product_name: product, environment_name: name });
			const environment = await get_ok(server, `/environments/${environment_id}`);
			assert.equal(environment.name, name);
			assert.equal(environment.type, type);
		});
	}

	for (const { word, type } of WORDS) {
		test(`the words "${word}" in a name make it ${type}, whatever is around them`, async () => {
			for (const name of [word, word.toUpperCase().replace(" ", "-"), `eu1.${word.replace(" ", "_")}/42`]) {
				const { environment_id } = await deploy(server, { product_name: product, environment_name: name });
				assert.equal((await get_ok(server, `/environments/${environment_id}`)).type, type, name);
			}
		});
	}

	test("names are compared byte for byte: prod, Prod and PROD are three environments", async () => {
		const ids = await Promise.all(["prod-x", "Prod-x", "PROD-x"].map(async (name) => (await deploy(server, { product_name: product, environment_name: name })).environment_id));
		assert.equal(new Set(ids).size, 3);
	});

	test("the matrix has the environments in the order dev, test, staging, production, other, and by name inside", async () => {
		const { environments } = await get_ok(server, "/environment-state/");
		const of_ours = environments.filter((e: any) => EXAMPLES.some((x) => x.name === e.name));
		assert.equal(of_ours.length, EXAMPLES.length);
		assert.deepEqual(of_ours.map((e: any) => ORDER.indexOf(e.type)), of_ours.map((e: any) => ORDER.indexOf(e.type)).sort());
		for (const type of ORDER) {
			const names = of_ours.filter((e: any) => e.type === type).map((e: any) => e.name);
			assert.deepEqual(names, [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))), type);
		}
	});

	test("the list of environments has them all, with their types", async () => {
		const listed = new Map((await list_all(server, "/environments/")).map((e) => [e.name, e.type]));
		for (const { name, type } of EXAMPLES) assert.equal(listed.get(name), type, name);
	});
});
