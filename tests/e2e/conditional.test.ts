/* ETag and If-None-Match; compressed answers. */
import { before, describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { gunzipSync } from "node:zlib";
import { deploy, get_ok } from "./api";
import { unique, use_server } from "./server";

const STATES = ["/environment-state/", "/products/", "/environments/", "/versions/", "/deployments/", "/builds/"];

describe("conditional requests", () => {
	const server = use_server();
	before(() => deploy(server, {}));

	for (const target of STATES) {
		test(`${target}: what has not changed is 304 without a body, what has is sent`, async () => {
			const first = await server.get(target);
			const etag = first.headers.etag;
			assert.match(etag ?? "", /^(W\/)?"[^"]+"$/);
			for (const condition of [etag, `"other", ${etag}`, "*", etag!.replace(/^(W\/)?/, "W/")]) {
				const same = await server.get(target, { headers: { "if-none-match": condition } });
				assert.equal(same.status, 304, condition);
				assert.equal(same.bytes.length, 0);
				assert.equal(same.headers.etag?.replace(/^W\//, ""), etag!.replace(/^W\//, ""));
			}
			assert.equal((await server.get(target, { headers: { "if-none-match": '"other"' } })).status, 200);
			assert.equal((await server.get(target)).headers.etag, etag);
			await deploy(server, { product_name: unique("change"), environment_name: unique("change") });
			if (target === "/builds/") return;
			const changed = await server.get(target, { headers: { "if-none-match": etag } });
			assert.equal(changed.status, 200);
			assert.notEqual(changed.headers.etag, etag);
		});
	}

	test("a single object has one as well", async () => {
		const { product_id } = await deploy(server, {});
		const first = await server.get(`/products/${product_id}`);
		assert.equal((await server.get(`/products/${product_id}`, { headers: { "if-none-match": first.headers.etag } })).status, 304);
		await server.request("PATCH", `/products/${product_id}`, { body: { description: "new" } });
		assert.equal((await server.get(`/products/${product_id}`, { headers: { "if-none-match": first.headers.etag } })).status, 200);
	});

	test("errors have none, and writing is never 304", async () => {
		assert.equal((await server.get("/nowhere")).headers.etag, undefined);
		const answer = await server.post("/products/", { name: unique("p") }, { headers: { "if-none-match": "*" } });
		assert.equal(answer.status, 201);
	});
});

describe("compressed answers", () => {
	const server = use_server();
	before(async () => {
		for (let i = 0; i < 20; i++) await deploy(server, {});
	});

	test("above 1 KiB for those who ask, and the same inside", async () => {
		for (const wanted of ["gzip", "deflate, gzip", "gzip;q=0.5", "GZIP", "br, gzip, *;q=0"]) {
			const answer = await server.get("/events/", { headers: { "accept-encoding": wanted } });
			assert.equal(answer.headers["content-encoding"], "gzip", wanted);
			assert.match(answer.headers.vary ?? "", /accept-encoding/i);
			assert.equal(Number(answer.headers["content-length"]), answer.bytes.length);
			assert.deepEqual(JSON.parse(gunzipSync(answer.bytes).toString()), await get_ok(server, "/events/"));
		}
	});

	test("not for those who do not ask, or refuse", async () => {
		for (const wanted of [undefined, "identity", "gzip;q=0", "br", "deflate", "gzip;q=0.0, identity", "*;q=0, identity", "xgzip"]) {
			const answer = await server.get("/events/", { headers: wanted === undefined ? {} : { "accept-encoding": wanted } });
			assert.equal(answer.headers["content-encoding"], undefined, wanted);
			assert.match(answer.headers.vary ?? "", /accept-encoding/i, "the answer depends on it all the same");
		}
	});

	test("not for small ones", async () => {
		const answer = await server.get("/products/?limit=1", { headers: { "accept-encoding": "gzip" } });
		assert.ok(answer.bytes.length < 1024);
		assert.equal(answer.headers["content-encoding"], undefined);
	});

	test("a compressed answer can be asked for on condition", async () => {
		const first = await server.get("/deployments/", { headers: { "accept-encoding": "gzip" } });
		const again = await server.get("/deployments/", { headers: { "accept-encoding": "gzip", "if-none-match": first.headers.etag } });
		assert.equal(again.status, 304);
	});
});
