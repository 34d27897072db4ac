/* Every page in a browser, and what is opened over it: everybody can read it (axe), in both themes, and a narrow screen is wide enough. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import type { AxeResults } from "axe-core";
import { go, NARROW, NO_BROWSER, packages, Page, settled_page, Theme, use_chrome, WIDE } from "./browser";
import { assert_all_pages, fill, Filled, pages_of, PLAIN } from "./browser_store";
import { use_world } from "./notifications";

const AXE = readFileSync(packages.resolve("axe-core/axe.min.js"), "utf8");
const THEMES: Theme[] = ["light", "dark"];
const BAD = ["serious", "critical"];

async function findings(page: Page, theme: Theme): Promise<string[]> {
	const { violations }: AxeResults = await page.evaluate(() => (window as any).axe.run(document, { resultTypes: ["violations"] }));
	const bad = violations.filter(({ impact }) => BAD.includes(impact ?? ""));
	return bad.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${theme}: ${id} ${target}: ${failureSummary}`));
}

const SETTLES = 2_000; /* milliseconds that a picture has to take another size */

/* What reaches out of the page to the right, if anything. */
async function too_wide(page: Page): Promise<string[]> {
	const fits = page.waitForFunction(() => document.scrollingElement!.scrollWidth <= document.scrollingElement!.clientWidth, undefined, { timeout: SETTLES });
	return fits.then(
		() => [],
		() =>
			page.evaluate(() => {
				const { scrollWidth, clientWidth } = document.scrollingElement!;
				const wide = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > clientWidth + 1).slice(0, 5);
				return [`${scrollWidth} px in ${clientWidth}`, ...wide.map((one) => `${one.tagName}.${one.getAttribute("class")}`)];
			}),
	);
}

/* What keeps somebody from reading what is there now, in either theme. */
async function hindrances(page: Page, what: string): Promise<string[]> {
	if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
	const found: string[] = await too_wide(page);
	for (const theme of THEMES) {
		await page.emulateMedia({ colorScheme: theme });
		found.push(...(await findings(page, theme)));
	}
	await page.emulateMedia({ colorScheme: "light" });
	return found.map((one) => `${what}: ${one}`);
}

describe("every page", { skip: NO_BROWSER }, () => {
	const world = use_world({ mail: false });
	const chrome = use_chrome();
	let filled: Filled;
	before(async () => {
		filled = await fill(world, PLAIN);
	});

	/* What is opened over a page or in it: where, and by what. */
	const opened: Record<string, [path: (filled: Filled) => string, open: (page: Page) => Promise<unknown>]> = {
		"a cell": [() => "/", (page) => page.locator(".matrix-cell.failing").click()],
		"the keys": [() => "/", (page) => page.keyboard.press("?")],
		"the themes": [() => "/activity", (page) => page.getByRole("button", { name: "Theme" }).click()],
		"oneself": [() => "/activity", (page) => page.getByRole("button", { name: /^Account of/ }).click()],
		"the pages, where there is no room for them": [() => "/activity", async (page) => page.setViewportSize(NARROW).then(() => page.getByRole("button", { name: "Pages" }).click())],
		"what was found": [() => "/activity", async (page) => page.getByRole("combobox", { name: /^Search/ }).fill("product").then(() => page.getByRole("option").first().waitFor())],
		"a product's form": [({ product }) => `/manage/products?view=${product}`, (page) => page.getByRole("button", { name: "Edit" }).first().click()],
		"a question": [({ product }) => `/manage/products?view=${product}`, (page) => page.getByRole("button", { name: "Delete" }).first().click()],
		"the timeline as a table": [({ product }) => `/manage/products?view=${product}`, (page) => page.getByText("The same as a table").click()],
		"a channel's form": [() => "/settings/channels", (page) => page.getByRole("button", { name: /add a channel/i }).first().click()],
		"a preference's form": [() => "/settings/preferences", (page) => page.getByRole("button", { name: /add a preference/i }).first().click()],
		"a key's form": [() => "/settings/keys", (page) => page.getByRole("button", { name: /new key/i }).first().click()],
		"a token's form": [() => "/settings/tokens", (page) => page.getByRole("button", { name: /new token/i }).first().click()],
		"a user's form": [() => "/settings/users", (page) => page.getByRole("button", { name: /new user/i }).first().click()],
		"an entry of the audit log": [() => "/settings/audit", (page) => page.locator("details > summary").first().click()],
	};

	test("so can what is opened over it", async () => {
		await chrome.visit(world.server, { as: filled.admin }, async (page) => {
			const found: string[] = [];
			for (const [name, [path, open]] of Object.entries(opened)) {
				await page.setViewportSize(WIDE);
				await go(page, path(filled));
				await open(page);
				await settled_page(page);
				found.push(...(await hindrances(page, name)));
				await page.setViewportSize(NARROW);
				found.push(...(await too_wide(page)).map((wide) => `${name}: ${wide}`));
			}
			assert.deepEqual(found, []);
		});
	});

	for (const size of [WIDE, NARROW]) {
		test(`can be read by everybody, in both themes, ${size.width} pixels wide`, async () => {
			const pages = pages_of(filled);
			assert_all_pages(pages);
			await chrome.visit(world.server, { as: filled.admin, size }, async (page) => {
				const found: string[] = [];
				for (const [name, path] of Object.entries(pages)) {
					await go(page, path);
					found.push(...(await hindrances(page, name)));
				}
				assert.deepEqual(found, []);
			});
		});
	}
});
