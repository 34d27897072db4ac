// Serves the bundled pages and passes everything else to a server: dev.mjs [DIST], for trying pages without a build of the program.
// VERSIONER_URL: the server (http://127.0.0.1:8080). VERSIONER_API_KEY: added to requests; where the server has no sessions, one is made up.
import { readFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const dist = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), "build/dist");
const upstream = new URL(process.env.VERSIONER_URL ?? "http://127.0.0.1:8080");
const key = process.env.VERSIONER_API_KEY;
const PAGE = /^\/(login|setup|activity|manage\/(deployments|versions|products|catalog|diff)|settings(\/[a-z-]+)?)?\/?$/;
const TYPES = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html; charset=utf-8" };
const POLICY =
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const PRETENDED = {
	kind: "session",
	account: { slug: "main", name: "Main" },
	user: { id: "u", email: "ada@example.com", name: "Ada", role: "admin", active: true, has_password: true, created_at: "2026-01-01T00:00:00Z", last_login_at: null },
	key: null,
	permissions: ["read", "events.write", "catalog.write", "environment.write", "integration.write", "key.write", "user.write", "token.own"],
	csrf_token: "pretended",
	expires_at: null,
};

async function sendFile(answer, path) {
	const bytes = await readFile(path);
	answer.writeHead(200, { "Content-Type": TYPES[extname(path)], "Content-Security-Policy": POLICY, "Cache-Control": "no-cache" });
	answer.end(bytes);
}

function passOn(asked, answer) {
	const headers = { ...asked.headers, host: upstream.host };
	if (key) headers.authorization = `Bearer ${key}`;
	const passed = request({ host: upstream.hostname, port: upstream.port, method: asked.method, path: asked.url, headers }, (got) => {
		if (key && got.statusCode === 404 && asked.url === "/session") {
			got.resume();
			answer.writeHead(200, { "Content-Type": "application/json" });
			return answer.end(JSON.stringify(PRETENDED));
		}
		answer.writeHead(got.statusCode, got.headers);
		got.pipe(answer);
	});
	passed.on("error", () => answer.writeHead(503, { "Content-Type": "application/json" }).end('{"detail":"The server is away"}'));
	asked.pipe(passed);
	answer.on("close", () => passed.destroy());
}

const server = createServer(async (asked, answer) => {
	const path = new URL(asked.url, "http://x").pathname;
	try {
		if (PAGE.test(path)) return await sendFile(answer, join(dist, "index.html"));
		if (/^\/assets\/[\w.-]+$/.test(path)) return await sendFile(answer, join(dist, path));
	} catch {
		return answer.writeHead(404).end();
	}
	return passOn(asked, answer);
});
server.listen(Number(process.env.PORT ?? 8090), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
