/* TLS with a certificate that openssl makes for the test. */
import { after, describe, test } from "node:test";
import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as tls from "node:tls";
import { deploy, get_ok } from "./api";
import { HAS_OPENSSL, make_certificate } from "./certificate";
import { raw } from "./raw";
import { refused_start, Server, use_server } from "./server";

describe("TLS", { skip: HAS_OPENSSL ? false : "the program openssl is not installed" }, () => {
	if (!HAS_OPENSSL) return;
	const dir = fs.mkdtempSync(path.join(os.tmpdir(), "versioner-tls-"));
	after(() => fs.rmSync(dir, { recursive: true, force: true }));
	const pair = make_certificate(dir, "one");
	const other = make_certificate(dir, "two");
	const server = use_server({ tls: pair });

	test("events are recorded and read over it", async () => {
		const { id } = await deploy(server, {});
		assert.equal((await get_ok(server, `/deployments/${id}`)).id, id);
		const large = await deploy(server, { extra_metadata: { k: "x".repeat(100_000) } });
		assert.equal(large.extra_metadata.k.length, 100_000);
	});

	test("many requests at once", async () => {
		const answers = await Promise.all(Array.from({ length: 100 }, () => server.get("/health", { agent: false })));
		assert.ok(answers.every((a) => a.status === 200));
	});

	const handshake = (o: tls.ConnectionOptions): Promise<string | null> =>
		new Promise((resolve, reject) => {
			const socket = tls.connect({ port: server.port, host: "127.0.0.1", ca: fs.readFileSync(pair.cert), servername: "localhost", ...o });
			socket.on("secureConnect", () => {
				resolve(socket.getProtocol());
				socket.destroy();
			});
			socket.on("error", reject);
		});

	test("versions 1.2 and 1.3 are spoken, older ones are not", async () => {
		assert.equal(await handshake({ maxVersion: "TLSv1.2" }), "TLSv1.2");
		assert.equal(await handshake({ minVersion: "TLSv1.3" }), "TLSv1.3");
		await assert.rejects(handshake({ minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }));
	});

	test("plain HTTP on its port gets no answer from the application, and the server goes on", async () => {
		const result = await raw(server.port, [`GET /health HTTP/1.1\r\nHost: x\r\n\r\n`], { ms: 2_000 });
		assert.ok(!result.text.includes('"ok"'));
		assert.equal((await server.get("/health")).status, 200);
	});

	test("a broken handshake does not stop others", async () => {
		for (let i = 0; i < 20; i++) await raw(server.port, [Buffer.from("16030100ff0100", "hex")], { ms: 50 });
		assert.equal((await server.get("/health")).status, 200);
	});

	const refused = (args: string[]): string => {
		const broken = new Server({ args });
		const result = refused_start(broken);
		fs.rmSync(broken.dir, { recursive: true, force: true });
		assert.ok(result.status !== 0 && result.status !== null, args.join(" "));
		return result.said;
	};

	test("half a pair, a missing file, a pair that does not fit: refused at the start with a sentence that names it", () => {
		assert.match(refused(["--tls-cert", pair.cert]), /tls-key/);
		assert.match(refused(["--tls-key", pair.key]), /tls-cert/);
		assert.match(refused(["--tls-cert", path.join(dir, "none.crt"), "--tls-key", pair.key]), /none\.crt/);
		assert.match(refused(["--tls-cert", pair.cert, "--tls-key", path.join(dir, "none.key")]), /none\.key/);
		assert.match(refused(["--tls-cert", pair.cert, "--tls-key", other.key]), /key|certificate|TLS/i);
	});
});
