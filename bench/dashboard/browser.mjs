// Chromium with a profile of its own, and people who are logged in.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const PROGRAM = process.env.BENCH_CHROMIUM ?? "/usr/bin/chromium";
const WINDOW = { width: 1440, height: 900 };
// Root has no sandbox. The port is what Lighthouse speaks to.
const ARGS = ["--disable-quic", "--remote-debugging-port=0", ...(process.getuid() === 0 ? ["--no-sandbox"] : [])];

async function login(context, origin) {
	const data = { email: process.env.BENCH_EMAIL, password: process.env.BENCH_PASSWORD };
	const answer = await context.request.post(`${origin}/session`, { data });
	if (!answer.ok()) throw new Error(`the login was answered with ${answer.status()}: ${await answer.text()}`);
}

/** work(context, port): a context that has seen nothing yet, logged in at `origin`. */
export async function withProfile(origin, work) {
	const folder = await mkdtemp(join(tmpdir(), "versioner-bench-profile-"));
	const context = await chromium.launchPersistentContext(folder, { executablePath: PROGRAM, headless: true, args: ARGS, viewport: WINDOW });
	try {
		await login(context, origin);
		const [port] = (await readFile(join(folder, "DevToolsActivePort"), "utf8")).split("\n");
		return await work(context, Number(port));
	} finally {
		await context.close();
		await rm(folder, { recursive: true, force: true, maxRetries: 5 });
	}
}

/** open(): a page of a context with an empty cache and the session of one login. */
export async function withBrowser(origin, work) {
	const browser = await chromium.launch({ executablePath: PROGRAM, headless: true, args: ARGS });
	try {
		const first = await browser.newContext({ viewport: WINDOW });
		await login(first, origin);
		const storageState = await first.storageState();
		await first.close();
		return await work(async () => (await browser.newContext({ viewport: WINDOW, storageState })).newPage());
	} finally {
		await browser.close();
	}
}
