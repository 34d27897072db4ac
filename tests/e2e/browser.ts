/* Pages in a real Chromium: one process for a file of tests, one context for a visit. What a page complains of fails the visit. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as os from "node:os";
import * as path from "node:path";
import { after, before } from "node:test";
import type { Browser, BrowserContext, ConsoleMessage, Page, Request, Response } from "playwright-core";
import { Browser as Asker } from "./people";
import { ROOT, Server } from "./server";

export type { BrowserContext, Page } from "playwright-core";

/* What is compiled is far away from these. */
export const packages = createRequire(path.join(ROOT, "tests/e2e/package.json"));
const { chromium }: typeof import("playwright-core") = packages("playwright-core");

const SANITIZED = Boolean(process.env.VERSIONER_SANITIZED);
export const PATIENCE = SANITIZED ? 60_000 : 20_000;
const CHROMIUM = find_chromium();
export const NO_BROWSER: string | false = CHROMIUM ? false : "Chromium is not installed";

function find_chromium(): string | undefined {
	const found = spawnSync("sh", ["-c", "command -v chromium || command -v chromium-browser || command -v google-chrome"], { encoding: "utf8" }).stdout.trim();
	return process.env.VERSIONER_CHROMIUM ?? (found || undefined);
}

export type Theme = "light" | "dark";
/* As narrow as the pages have to be usable, and a usual one. */
export const NARROW = { width: 360, height: 740 };
export const WIDE = { width: 1280, height: 900 };

export interface VisitOptions {
	as?: Asker; /* whose session the browser has; absent: nobody's */
	size?: { width: number; height: number };
	theme?: Theme;
	/* Complaints that the test provokes: "404 http://…", "console: …". */
	allow?: RegExp[];
	bypass_policy?: boolean; /* the Content-Security-Policy does not hold: what escapes its text is seen to run */
}

/* Asked for, and given up by the page itself: another filter was chosen, another page gone to. */
const GIVEN_UP = "net::ERR_ABORTED";
/* Said a second time, without the address, of each answer that is an error. */
const SAID_TWICE = /^Failed to load resource/;

/* Writes down what must not be: errors of scripts, violations of the policy, requests that failed or went to another host. */
class Watch {
	readonly complaints: string[] = [];

	constructor(private readonly context: BrowserContext, private readonly origin: string, private readonly allow: RegExp[]) {}

	async begin(): Promise<void> {
		await this.context.exposeFunction("__violated", (what: string) => this.complain(`policy: ${what}`));
		await this.context.addInitScript(() =>
			addEventListener("securitypolicyviolation", (event) => void (window as any).__violated(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`)),
		);
		this.context.on("console", (message) => this.on_console(message));
		this.context.on("weberror", (error) => this.complain(`script: ${error.error().stack ?? error.error()}`));
		this.context.on("request", (request) => this.on_request(request));
		this.context.on("requestfailed", (request) => this.on_failed(request));
		this.context.on("response", (response) => this.on_response(response));
	}

	private complain(what: string): void {
		if (!this.allow.some((pattern) => pattern.test(what))) this.complaints.push(what);
	}

	private on_console(message: ConsoleMessage): void {
		if (["error", "warning"].includes(message.type()) && !SAID_TWICE.test(message.text())) this.complain(`console: ${message.text()} (${message.location().url})`);
	}

	private on_request(request: Request): void {
		const { protocol, origin } = new URL(request.url());
		if (!["data:", "blob:"].includes(protocol) && origin !== this.origin) this.complain(`elsewhere: ${request.url()}`);
	}

	private on_failed(request: Request): void {
		const why = request.failure()?.errorText ?? "";
		if (why !== GIVEN_UP) this.complain(`failed: ${request.method()} ${request.url()} ${why}`);
	}

	private on_response(response: Response): void {
		if (response.status() >= 400) this.complain(`${response.status()} ${response.request().method()} ${response.url()}`);
	}
}

export class Chrome {
	private browser: Browser | undefined;

	async start(): Promise<void> {
		// No name leads anywhere: what asks for another host fails, and is seen.
		const args = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--disable-dev-shm-usage"];
		this.browser = await chromium.launch({ executablePath: CHROMIUM, args, timeout: PATIENCE });
	}

	async stop(): Promise<void> {
		await this.browser?.close();
	}

	/* A browser that was never here. */
	async open(server: Server, o: VisitOptions = {}): Promise<Visit> {
		assert.ok(this.browser, "the browser was started");
		const context = await this.browser.newContext({
			baseURL: server.url, viewport: o.size ?? WIDE, colorScheme: o.theme ?? "light", reducedMotion: "reduce", timezoneId: "UTC", locale: "en-GB",
			bypassCSP: o.bypass_policy ?? false,
		});
		context.setDefaultTimeout(PATIENCE);
		context.setDefaultNavigationTimeout(PATIENCE);
		const watch = new Watch(context, server.url, o.allow ?? []);
		await watch.begin();
		if (o.as) await be(context, server, o.as);
		return new Visit(context, await context.newPage(), watch);
	}

	async visit(server: Server, o: VisitOptions, run: (page: Page, context: BrowserContext) => Promise<void>): Promise<void> {
		const visit = await this.open(server, o);
		try {
			await run(visit.page, visit.context);
		} catch (failure) {
			await visit.explain(failure as Error);
			throw failure;
		} finally {
			await visit.context.close();
		}
		visit.assert_content();
	}
}

export class Visit {
	constructor(readonly context: BrowserContext, readonly page: Page, private readonly watch: Watch) {}

	/* What was complained of by then is often why. */
	async explain(failure: Error): Promise<void> {
		failure.message += `\n${[`at ${this.page.url()}`, ...this.complaints].join("\n")}`;
		if (process.env.VERSIONER_E2E_KEEP) await keep_picture(this.page);
	}

	get complaints(): string[] {
		return this.watch.complaints;
	}

	assert_content(): void {
		assert.deepEqual(this.complaints, [], "what the pages complained of");
	}
}

async function keep_picture(page: Page): Promise<void> {
	const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "versioner-picture-")), "failed.png");
	await page.screenshot({ path: file }).then(() => process.stderr.write(`picture: ${file}\n`), () => undefined);
}

/* The context has the session of that person. */
async function be(context: BrowserContext, server: Server, asker: Asker): Promise<void> {
	const [name, value] = asker.cookie.split("=");
	await context.addCookies([{ name, value, url: server.url, httpOnly: true, sameSite: "Lax" }]);
}

/* Inside describe(): the browser of its tests. */
export function use_chrome(): Chrome {
	const chrome = new Chrome();
	before(() => chrome.start());
	after(() => chrome.stop());
	return chrome;
}

/* The page has its content, and asks for nothing that it still waits for. */
export async function settled_page(page: Page): Promise<void> {
	await page.locator("h1").first().waitFor();
	await page.waitForFunction(() => !document.querySelector(".skeleton, [aria-busy=true], .timeline-wait"));
	await page.evaluate(() => document.fonts.ready.then(() => undefined));
}

/* Goes there and waits until it is all there. */
export async function go(page: Page, path: string): Promise<void> {
	await page.goto(path);
	await settled_page(page);
}

/* The page follows the events: what is sent from now on is shown. */
export async function is_live(page: Page): Promise<void> {
	await page.locator(".live-live").waitFor();
}

/* The cell of the matrix by what it says to those who cannot see it. */
export const cell_of = (page: Page, product: string, environment: string): ReturnType<Page["locator"]> =>
	page.locator(`[role=gridcell][aria-label^="${product}, ${environment}: "]`);
