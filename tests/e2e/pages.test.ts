/* The dashboard's files as the program gives them out: headers, conditions, compression, and what is no page. What the pages do is seen in a browser. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { gunzipSync } from "node:zlib";
import { NOT_FOUND, read_table } from "./api";
import { Description } from "./openapi";
import { answers_come, raw } from "./raw";
import { Answer, RequestOptions, use_server } from "./server";

const ROWS = read_table("routes.tsv");
const PAGES = ROWS.filter(({ permission, path }) => permission === "page" && path !== "/assets/{name}").map(({ path }) => path.replace("{tab}", "keys"));
/* Redoc brings styles of its own, allowed by their hashes, and a worker. */
const REDOC_POLICY = (policy: string): string => policy.replace("style-src 'self'", "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' 'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='") + "; worker-src blob:";
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const TYPES: Record<string, string> = {
	css: "text/css; charset=utf-8", html: "text/html; charset=utf-8", js: "text/javascript; charset=utf-8", json: "application/json", svg: "image/svg+xml", txt: "text/plain; charset=utf-8",
};
const GZIP = { "accept-encoding": "gzip" };

describe("pages", () => {
	const server = use_server();
	const ask = (target: string, o: RequestOptions = {}, method = "GET"): Promise<Answer> => server.request(method, target, { key: null, ...o });
	const assets = async (page = "/"): Promise<string[]> => [...(await ask(page)).text.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path);

	/* Both forms of a file, and each of its conditions. */
	async function assert_file(target: string, type: string, cached: string): Promise<Answer> {
		const [plain, packed] = [await ask(target), await ask(target, { headers: GZIP })];
		for (const answer of [plain, packed]) {
			assert.equal(answer.status, 200, target);
			assert.equal(answer.headers["content-type"], type);
			assert.equal(answer.headers["cache-control"], cached);
			assert.equal(answer.headers["x-content-type-options"], "nosniff");
			assert.equal(answer.headers["referrer-policy"], "no-referrer");
			assert.equal(Number(answer.headers["content-length"]), answer.bytes.length);
			assert.match(answer.headers.vary ?? "", /accept-encoding/i);
		}
		assert.equal(plain.headers["content-encoding"], undefined);
		assert.equal(packed.headers["content-encoding"], "gzip");
		assert.deepEqual(gunzipSync(packed.bytes), plain.bytes);
		assert.notEqual(plain.headers.etag, packed.headers.etag);
		for (const [answer, headers] of [[plain, {}], [packed, GZIP]] as const) await assert_conditions(target, answer, headers);
		return plain;
	}

	async function assert_conditions(target: string, answer: Answer, headers: Record<string, string>): Promise<void> {
		const known = await ask(target, { headers: { ...headers, "if-none-match": answer.headers.etag } });
		assert.deepEqual([known.status, known.bytes.length, known.headers.etag], [304, 0, answer.headers.etag]);
		assert.equal(known.headers["cache-control"], answer.headers["cache-control"]);
		assert.equal((await ask(target, { headers: { ...headers, "if-none-match": '"another"' } })).status, 200);
		const head = await ask(target, { headers }, "HEAD");
		assert.deepEqual([head.status, head.bytes.length, head.headers["content-length"], head.headers.etag], [200, 0, answer.headers["content-length"], answer.headers.etag]);
	}

	for (const path of PAGES) {
		test(`${path}: for everybody, under the policy, asked for anew each time`, async () => {
			const page = await assert_file(path, TYPES[path.split(".")[1]] ?? TYPES.html, "no-cache");
			assert.equal(page.headers["content-security-policy"], path === "/redoc" ? REDOC_POLICY(POLICY) : POLICY);
			assert.equal(page.headers["cross-origin-opener-policy"], "same-origin");
			assert.match(page.headers["permissions-policy"] as string, /camera=\(\)/);
			assert.equal(page.headers["set-cookie"], undefined);
			assert.deepEqual((await ask(path + "/?next=%2F&x=1")).bytes, page.bytes);
			assert.equal((await ask(path, { headers: { authorization: "Bearer sk_default_k1_wrong" } })).status, 200);
		});
	}

	for (const page of ["/", "/docs", "/redoc"]) {
		test(`${page} holds no script, no style and no address of another host`, async () => {
			const { text } = await ask(page);
			assert.doesNotMatch(text, /<style|style=|<script(?![^>]* src="\/assets\/)|\son\w+=|javascript:|https?:|\/\/\w/i);
		});
	}

	test("what pages name is there, for a year", async () => {
		const named = [await assets(), await assets("/docs"), await assets("/redoc")];
		for (const [i, least] of [4, 3, 3].entries()) assert.ok(named[i].length >= least, String(named[i]));
		for (const path of new Set(named.flat())) await assert_file(path, TYPES[path.split(".").pop()!], "public, max-age=31536000, immutable");
	});

	test("what a script loads later is there, too", async () => {
		const seen = new Set<string>();
		const waiting = (await assets()).filter((path) => path.endsWith(".js"));
		for (let path = waiting.pop(); path; path = waiting.pop()) {
			if (seen.has(path)) continue;
			seen.add(path);
			const answer = await ask(path);
			assert.equal(answer.status, 200, path);
			for (const [, name] of answer.text.matchAll(/(?:from|import)\s*\(?\s*"\.\/([\w.-]+\.js)"/g)) waiting.push(`/assets/${name}`);
		}
		assert.ok(seen.size > 10, `${seen.size} scripts`);
	});

	test("/openapi.json is the description, with this server as its server", async () => {
		const { servers, ...rest } = (await ask("/openapi.json")).json;
		assert.deepEqual(servers, [{ url: "/" }]);
		const { servers: elsewhere, ...described } = new Description().document;
		assert.ok(elsewhere.length);
		assert.deepEqual(rest, described);
	});

	for (const path of ["/assets/unknown", "/assets/main.js", "/assets", "/assets/a/b", "/index.html", "/favicon.ico", "/manage", "/manage/nothing", "/settings/keys/more", "/login/x"]) {
		test(`${path} is not there, in JSON`, async () => {
			for (const method of ["GET", "HEAD"]) assert.equal((await ask(path, {}, method)).status, 404);
			const answer = await ask(path);
			assert.deepEqual(answer.json, NOT_FOUND);
			assert.equal(answer.headers["cache-control"], "no-store");
		});
	}

	test("no way round about the path leads to a file", async () => {
		const [script] = (await assets()).filter((path) => path.endsWith(".js"));
		const name = script.split("/").pop()!;
		const tricks = ["/assets/../index.html", "/assets/%2e%2e/index.html", "/assets/..%2findex.html", "/assets/..%5cindex.html", "/assets/%2findex.html", `/assets/${name}%00`, `/assets/${name}/..`,
			`/assets/.%2f${name}`, `/ASSETS/${name}`, `/assets/${name.toUpperCase()}`, `/assets/${name}.gz`, `/assets%2f${name}`, `/%2e/assets/${name}`, "/assets/../../../../etc/passwd"];
		for (const target of tricks) {
			const { answers } = await raw(server.port, [`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`], { enough: answers_come(1) });
			assert.ok([400, 404].includes(answers[0]?.status), `${target}: ${answers[0]?.status}`);
		}
		assert.equal((await ask(`//assets//${name}/`)).status, 200);
	});

	test("a page is read, not written to", async () => {
		for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
			const answer = await ask("/login", {}, method);
			assert.deepEqual([answer.status, answer.headers.allow], [405, "GET, HEAD, OPTIONS"], method);
		}
	});

	test("no page is in the place of a route of the API", async () => {
		for (const { method, path, permission } of ROWS.filter((row) => row.permission !== "page")) {
			const answer = await ask(path.replace("{id}", "01900000-0000-7000-8000-000000000000"), {}, method);
			assert.doesNotMatch(answer.headers["content-type"] ?? "", /html/, `${method} ${path}`);
			if (permission !== "open") assert.equal(answer.status, 401, `${method} ${path}`);
		}
	});
});
