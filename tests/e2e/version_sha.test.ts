/* A version is immutable: the first commit hash fixes it. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { assert_error, build, deploy, events_of, get_ok, list_all, send } from "./api";
import { unique, use_server } from "./server";

const SHA = "0123456789abcdef0123456789abcdef01234567";
const OTHER = "fedcba9876543210fedcba9876543210fedcba98";
const CONFLICT = (version: string): object => {
	const text = `Version ${version} already exists with different SHA`;
	return { detail: text, message: text, error: "VERSION_SHA_CONFLICT" };
};

describe("the commit of a version", () => {
	const server = use_server();
	const sha_of = async (version_id: string): Promise<string | null> => (await get_ok(server, `/versions/${version_id}`)).scm_sha;

	test("a build with another commit is 409, and nothing is stored", async () => {
		const product = unique("sha");
		const first = await build(server, { product_name: product, version: "1.2.3", scm_sha: SHA });
		const answer = await send(server, "build", { product_name: product, version: "1.2.3", scm_sha: OTHER, invoke_id: "x", environment_name: "new-place" });
		assert_error(answer, 409, CONFLICT("1.2.3"));
		assert.equal((await events_of(server, product)).length, 1);
		assert.equal((await list_all(server, "/builds/", { product })).length, 1);
		assert.equal(await sha_of(first.version_id), SHA);
	});

	test("/version-events/ refuses it too", async () => {
		const product = unique("sha");
		await build(server, { product_name: product, scm_sha: SHA });
		assert_error(await server.post("/version-events/", { product_name: product, version: "1.0.0", status: "success", scm_sha: OTHER }), 409, CONFLICT("1.0.0"));
	});

	test("the same version of another product is another version", async () => {
		await build(server, { product_name: unique("sha"), scm_sha: SHA });
		await build(server, { product_name: unique("sha"), scm_sha: OTHER });
	});

	test("a prefix of at least seven characters is the same commit, and the longer one is kept", async () => {
		for (const order of [[SHA.slice(0, 7), SHA], [SHA, SHA.slice(0, 7)], [SHA.slice(0, 12), SHA]]) {
			const product = unique("prefix");
			const { version_id } = await build(server, { product_name: product, scm_sha: order[0] });
			await build(server, { product_name: product, scm_sha: order[1] });
			assert.equal(await sha_of(version_id), SHA);
		}
	});

	test("after the longer one is kept, a commit that only shared the short prefix is another", async () => {
		const product = unique("prefix");
		await build(server, { product_name: product, scm_sha: SHA.slice(0, 7) });
		await build(server, { product_name: product, scm_sha: SHA });
		assert.equal((await send(server, "build", { product_name: product, scm_sha: SHA.slice(0, 7) + OTHER.slice(0, 33) })).status, 409);
	});

	test("a prefix of fewer than seven characters is another commit", async () => {
		const product = unique("short");
		await build(server, { product_name: product, scm_sha: SHA });
		assert.equal((await send(server, "build", { product_name: product, scm_sha: SHA.slice(0, 6) })).status, 409);
		const reverse = unique("short");
		await build(server, { product_name: reverse, scm_sha: SHA.slice(0, 6) });
		assert.equal((await send(server, "build", { product_name: reverse, scm_sha: SHA })).status, 409);
	});

	test("the same short text is the same commit", async () => {
		const product = unique("short");
		await build(server, { product_name: product, scm_sha: "abc123" });
		await build(server, { product_name: product, scm_sha: "abc123" });
	});

	test("an event without a commit neither fixes nor contradicts one", async () => {
		const product = unique("none");
		const { version_id } = await build(server, { product_name: product });
		assert.equal(await sha_of(version_id), null);
		await build(server, { product_name: product, scm_sha: SHA });
		await build(server, { product_name: product });
		assert.equal(await sha_of(version_id), SHA);
	});

	test("a deployment with another commit is accepted with a warning, and the version keeps its own", async () => {
		const product = unique("deployed");
		const { version_id } = await build(server, { product_name: product, scm_sha: SHA });
		const answer = await deploy(server, { product_name: product, scm_sha: OTHER });
		assert.equal(answer.version_id, version_id);
		assert.equal(answer.warnings.length, 1);
		assert.match(answer.warnings[0], /SHA/i);
		assert.equal(await sha_of(version_id), SHA);
	});

	test("a deployment with the same commit has no warning, a longer one is kept", async () => {
		const product = unique("deployed");
		const { version_id } = await build(server, { product_name: product, scm_sha: SHA.slice(0, 8) });
		assert.deepEqual((await deploy(server, { product_name: product, scm_sha: SHA })).warnings, []);
		assert.equal(await sha_of(version_id), SHA);
	});

	test("a deployment may be the first to bring the commit, and then fixes it", async () => {
		const product = unique("deployed");
		await deploy(server, { product_name: product, scm_sha: SHA });
		assert_error(await send(server, "build", { product_name: product, scm_sha: OTHER }), 409, CONFLICT("1.0.0"));
	});

	test("of many builds with different commits at the same time exactly one fixes the version", async () => {
		const product = unique("race");
		const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => send(server, "build", { product_name: product, scm_sha: `${i}`.padStart(2, "0").repeat(20) })));
		assert.deepEqual(answers.map((a) => a.status).sort(), [200, ...Array<number>(19).fill(409)]);
		assert.equal((await events_of(server, product)).length, 1);
	});

	test("a conflict names the version as it was sent", async () => {
		const product = unique("names");
		const version = "1.0 \"β\" <x>";
		await build(server, { product_name: product, version, scm_sha: SHA });
		assert_error(await send(server, "build", { product_name: product, version, scm_sha: OTHER }), 409, CONFLICT(version));
	});
});
