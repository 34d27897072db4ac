#!/usr/bin/env node
// Takes the pictures of docs/images: take.mjs PROGRAM [NAME…]. Each page in both themes, from the demonstration's store at a fixed time, so that
// a picture changes when its page does. Needs what tools/setup screenshots installs.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { lookAlike } from "./compare.mjs";
import { PAGES } from "./pages.mjs";
import { startReceiver } from "./receiver.mjs";
import { fillStore, Server } from "./server.mjs";
import { ADMIN, LAST_MINUTES, tell } from "./story.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { chromium } = createRequire(join(root, "tests/e2e/package.json"))("playwright-core");

const END = new Date("2026-11-19T14:20:00Z");
const DAY = 86_400_000;
const SIZE = { width: 1280, height: 800 };
const OUT = join(root, "docs/images");
const LOOKS = 20;

/** The same letters on every machine. */
const FONTS = `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include>/etc/fonts/fonts.conf</include>
${[["system-ui", "Inter"], ["sans-serif", "Inter"], ["monospace", "DejaVu Sans Mono"], ["ui-monospace", "DejaVu Sans Mono"]]
	.map(([name, font]) => `<match target="pattern"><test name="family"><string>${name}</string></test><edit name="family" mode="prepend" binding="strong"><string>${font}</string></edit></match>`)
	.join("\n")}
</fontconfig>`;

async function openContext(browser, origin, theme, cookie) {
	const context = await browser.newContext({ viewport: SIZE, colorScheme: theme, reducedMotion: "reduce", locale: "en-GB", timezoneId: "UTC" });
	// Only what the page takes for the present stands still; its timers go.
	await context.clock.setFixedTime(END);
	const [name, value] = cookie?.split("=") ?? [];
	if (name) await context.addCookies([{ name, value, url: origin }]);
	return context;
}

/** When nothing moves any more: two looks are alike. */
async function look(page) {
	let before = Buffer.alloc(0);
	for (let i = 0; i < LOOKS; i++) {
		const now = await page.screenshot({ animations: "disabled", caret: "hide" });
		if (now.equals(before)) return now;
		before = now;
		await page.waitForTimeout(250);
	}
	throw new Error(`${page.url()} does not come to rest`);
}

/** A palette is enough for pages, and a third of the size. */
function packed(picture) {
	const done = spawnSync("pngquant", ["--speed", "1", "--strip", "--quality", "60-95", "-"], { input: picture, maxBuffer: 1 << 24 });
	if (done.status !== 0) throw new Error(`pngquant: ${done.error ?? done.stderr}`);
	return done.stdout;
}

/** A picture that looks as before stays as it is. */
async function write(desk, name, picture) {
	const file = join(OUT, `${name}.png`);
	const bytes = packed(picture);
	const same = existsSync(file) && (await lookAlike(desk, readFileSync(file), bytes));
	if (!same) writeFileSync(file, bytes);
	console.log(`${name}.png: ${same ? "as before" : `${Math.ceil(bytes.length / 1024)} KiB`}`);
}

async function take(context, origin, path, { stranger, prepare }) {
	const page = await context.newPage();
	await page.goto(origin + path);
	await page.locator("main h1").first().waitFor();
	if (!stranger) await page.locator(".live-live").waitFor();
	await page.locator(".skeleton").first().waitFor({ state: "detached" });
	await page.evaluate(() => document.fonts.ready);
	await prepare?.(page);
	const picture = await look(page);
	await page.close();
	return picture;
}

async function takeAll(server, cookie, folder, names) {
	const fonts = join(folder, "fonts.conf");
	writeFileSync(fonts, FONTS);
	const args = ["--disable-quic", "--font-render-hinting=none", "--disable-lcd-text", ...(process.getuid() === 0 ? ["--no-sandbox"] : [])];
	const browser = await chromium.launch({ executablePath: process.env.VERSIONER_CHROMIUM ?? "/usr/bin/chromium", args, env: { ...process.env, FONTCONFIG_FILE: fonts } });
	const find = async (path) => (await server.somebody().get(path)).items[0];
	try {
		const desk = await browser.newPage();
		for (const theme of ["light", "dark"])
			for (const page of PAGES.filter(({ name }) => !names.length || names.includes(name))) {
				// A context for each: what one page remembers, the next must not show.
				const context = await openContext(browser, server.origin, theme, page.stranger ? null : cookie);
				await write(desk, `${page.name}-${theme}`, await take(context, server.origin, await page.path(find, END), page));
				await context.close();
			}
	} finally {
		await browser.close();
	}
}

async function main([program, ...names]) {
	const folder = mkdtempSync(join(tmpdir(), "versioner-screenshots-"));
	const receiver = await startReceiver();
	const flags = ["--admin-email", ADMIN, "--slack-api-url", `${receiver.origin}/api`, "--allow-private-destinations", "127.0.0.0/8", "--public-url", "https://versioner.example.com"];
	const server = new Server(resolve(program), folder, flags);
	try {
		mkdirSync(OUT, { recursive: true });
		fillStore(server.program, join(folder, "versioner.db"), new Date(END.getTime() - LAST_MINUTES * 60_000));
		server.goTo(new Date(END.getTime() - 30 * DAY));
		await server.start();
		const { cookie } = await tell(server, receiver.origin, END);
		server.goTo(END);
		await takeAll(server, cookie, folder, names);
	} finally {
		await server.stop();
		receiver.close();
		rmSync(folder, { recursive: true, force: true });
	}
}

await main(process.argv.slice(2));
