/* TLS, certificates of one's own, and proxies between a pipeline and its server. */
import { strict as assert } from "node:assert";
import { after, before, describe, test } from "node:test";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { events_of } from "./api";
import { HAS_OPENSSL, make_certificate } from "./certificate";
import { Front, Home, Ran, SENT, use_home, WebProxy } from "./cli";
import { Server, unique, use_server } from "./server";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "versioner-tls-"));
after(() => fs.rmSync(folder, { recursive: true, force: true }));
const SKIP = HAS_OPENSSL ? false : "needs openssl";
const make = (name: string, host?: string): { cert: string; key: string } => (HAS_OPENSSL ? make_certificate(folder, name, host) : { cert: "", key: "" });

function track(home: Home, server: Server, product: string, env: Record<string, string>, ...args: string[]): Promise<Ran> {
	const what = ["--product", product, "--version", "1"];
	return home.run(["track", "build", ...what, ...args], { env: { VERSIONER_API_KEY: server.key, ...env } });
}

function assert_said(ran: Ran, status: number, ...words: string[]): void {
	assert.equal(ran.status, status, ran.said);
	for (const word of words) assert.ok(ran.err.includes(word), `${word} is not in:\n${ran.said}`);
}

describe("TLS", { skip: SKIP }, () => {
	const pair = make("server"), other = make("other");
	const server = use_server({ tls: pair });
	const home = use_home();

	test("an authority that nobody knows is refused at once, and nothing is sent", async () => {
		const product = unique("p");
		const ran = await track(home, server, product, { VERSIONER_API_URL: server.url });
		assert_said(ran, 1, "Error: the certificate of ", "is not trusted", "--ca-cert");
		assert.ok(ran.milliseconds < 5_000, "not tried again");
		assert.equal((await events_of(server, product)).length, 0);
	});

	test("--ca-cert makes it known", async () => {
		assert.match((await track(home, server, unique("p"), { VERSIONER_API_URL: server.url }, "--ca-cert", pair.cert)).out, SENT);
		assert.match((await track(home, server, unique("p"), { VERSIONER_API_URL: server.url, VERSIONER_CA_CERT: pair.cert })).out, SENT);
		const by_name = { VERSIONER_API_URL: `https://localhost:${server.port}` };
		assert.match((await track(home, server, unique("p"), by_name, "--ca-cert", pair.cert)).out, SENT);
	});

	test("another authority does not", async () => {
		assert_said(await track(home, server, "p", { VERSIONER_API_URL: server.url }, "--ca-cert", other.cert), 1, "is not trusted");
	});

	test("a file that holds no certificate is named", async () => {
		const empty = home.file("empty.pem", "nothing\n");
		for (const file of [empty, path.join(folder, "none.pem")])
			assert_said(await track(home, server, "p", { VERSIONER_API_URL: server.url }, "--ca-cert", file), 1, path.basename(file));
	});

	test("http to a port of TLS, https to one without", async () => {
		assert.notEqual((await track(home, server, "p", { VERSIONER_API_URL: `http://127.0.0.1:${server.port}`, VERSIONER_DEADLINE: "500ms" })).status, 0);
		const front = new Front();
		await front.start();
		const ran = await track(home, server, "p", { VERSIONER_API_URL: `https://127.0.0.1:${front.port}`, VERSIONER_DEADLINE: "500ms" });
		assert_said(ran, 1, "the TLS handshake with");
		await front.stop();
	});
});

describe("mutual TLS", { skip: SKIP }, () => {
	const server = use_server();
	const home = use_home();
	const own = make("server-of-two"), client = make("client", "pipeline.test"), stranger = make("stranger");
	const read = (file: string): Buffer | undefined => (HAS_OPENSSL ? fs.readFileSync(file) : undefined);
	const front = new Front(server, { cert: read(own.cert), key: read(own.key), ca: read(client.cert), requestCert: true, rejectUnauthorized: true });
	before(() => front.start());
	after(() => front.stop());

	const ask = (...args: string[]): Promise<Ran> =>
		track(home, server, unique("p"), { VERSIONER_API_URL: front.url, VERSIONER_DEADLINE: "1s", VERSIONER_CA_CERT: own.cert }, ...args);

	test("--client-cert and --client-key are shown", async () => {
		front.script();
		assert.match((await ask("--client-cert", client.cert, "--client-key", client.key)).out, SENT);
		assert.equal(front.seen[0].client_certificate, "pipeline.test");
	});
	test("one file with both", async () => {
		const both = home.file("both.pem", fs.readFileSync(client.cert, "utf8") + fs.readFileSync(client.key, "utf8"));
		assert.match((await ask("--client-cert", both)).out, SENT);
	});
	test("without one, or with a stranger's, there is no record", async () => {
		front.script();
		const none = await ask();
		assert.equal(none.status, 1, none.said);
		const wrong = await ask("--client-cert", stranger.cert, "--client-key", stranger.key);
		assert.equal(wrong.status, 1, wrong.said);
		assert.equal(front.seen.length, 0);
	});
	test("a key without its certificate, and a key of another one, are said", async () => {
		assert_said(await ask("--client-key", client.key), 1, "a client key needs its certificate");
		assert_said(await ask("--client-cert", client.cert, "--client-key", stranger.key), 1, "--client-cert");
		assert_said(await ask("--client-cert", "/nowhere/x.pem", "--client-key", client.key), 1, "/nowhere/x.pem cannot be read");
	});
});

describe("proxies of the environment", { skip: SKIP }, () => {
	const pair = make("versioner.test", "versioner.test");
	const secure = use_server({ tls: pair }), open = use_server();
	const home = use_home();
	const to_secure = new WebProxy(() => secure.port), to_open = new WebProxy(() => open.port);
	before(async () => void (await Promise.all([to_secure.start(), to_open.start()])));
	after(async () => void (await Promise.all([to_secure.stop(), to_open.stop()])));

	const env = { VERSIONER_CA_CERT: pair.cert, VERSIONER_API_URL: "https://versioner.test:8443", VERSIONER_DEADLINE: "800ms" };

	for (const name of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
		test(`${name}: a tunnel, and the server's own certificate`, async () => {
			to_secure.asked.length = 0;
			const product = unique("p");
			assert.match((await track(home, secure, product, { ...env, [name]: to_secure.url })).out, SENT);
			assert.deepEqual(to_secure.asked.map((a) => [a.method, a.target]), [["CONNECT", "versioner.test:8443"]]);
			assert.equal(to_secure.asked[0].headers.authorization, undefined, "the key of the API is not the proxy's business");
			assert.ok(!JSON.stringify(to_secure.asked).includes(secure.key));
			assert.equal((await events_of(secure, product)).length, 1);
		});

	test("NO_PROXY goes around it", async () => {
		to_secure.asked.length = 0;
		for (const name of ["NO_PROXY", "no_proxy"]) {
			const ran = await track(home, secure, "p", { ...env, HTTPS_PROXY: to_secure.url, [name]: "other.test,versioner.test" });
			assert_said(ran, 1, "versioner.test:8443 cannot be found (DNS)");
		}
		assert.equal(to_secure.asked.length, 0);
		assert.match((await track(home, secure, unique("p"), { ...env, HTTPS_PROXY: to_secure.url, NO_PROXY: "other.test" })).out, SENT);
	});

	test("http_proxy in lower case, for http", async () => {
		to_open.asked.length = 0;
		const plain = { ...env, VERSIONER_API_URL: "http://versioner.test" };
		assert.match((await track(home, open, unique("p"), { ...plain, http_proxy: to_open.url })).out, SENT);
		assert.deepEqual(to_open.asked.map((a) => [a.method, a.target]), [["POST", "http://versioner.test/build-events/"]]);
		assert.equal((await track(home, open, "p", { ...plain, HTTP_PROXY: to_open.url })).status, 1, "a CGI program's header would be obeyed");
	});

	test("this machine is asked directly", async () => {
		to_open.asked.length = 0;
		const ran = await track(home, open, unique("p"), { VERSIONER_API_URL: open.url, http_proxy: to_open.url, ALL_PROXY: to_open.url });
		assert.match(ran.out, SENT);
		assert.equal(to_open.asked.length, 0);
	});

	test("a proxy that refuses, and one that is not there", async () => {
		to_secure.refuse = 403;
		assert_said(await track(home, secure, "p", { ...env, HTTPS_PROXY: to_secure.url }), 1, "the proxy refused the connection to");
		to_secure.refuse = 0;
		assert.equal((await track(home, secure, "p", { ...env, HTTPS_PROXY: "http://127.0.0.1:9" })).status, 1);
		assert_said(await track(home, secure, "p", { ...env, HTTPS_PROXY: "http://nowhere.invalid:3128" }), 1, "the proxy for ", "(DNS)");
	});

	test("a password of the proxy is used, and never shown", async () => {
		to_secure.asked.length = 0;
		const url = to_secure.url.replace("://", "://ada:pr0xy-secret@");
		const ran = await track(home, secure, unique("p"), { ...env, HTTPS_PROXY: url }, "--debug", "--verbose");
		assert.match(ran.out, /Build event tracked/);
		assert.equal(to_secure.asked[0].headers["proxy-authorization"], `Basic ${Buffer.from("ada:pr0xy-secret").toString("base64")}`);
		assert.doesNotMatch(ran.said, /pr0xy-secret|YWRhOn/);
	});
});
