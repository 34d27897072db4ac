/* The matrix in a browser: marks, filters, time, keys; and a thousand rows of it. */
import { strict as assert } from "node:assert";
import { before, describe, test } from "node:test";
import { deploy, event_of, Fields } from "./api";
import { cell_of, Chrome, go, is_live, NO_BROWSER, Page, use_chrome } from "./browser";
import { Person, person } from "./people";
import { Server, use_server } from "./server";

const HOUR = 3_600_000;
const ago = (milliseconds: number): string => new Date(Date.now() - milliseconds).toISOString();

/* The products in sight, in their order. */
const shown = (page: Page): Promise<string[]> => page.locator(".matrix-body [role=rowheader] bdi").allInnerTexts();

async function assert_shown(page: Page, products: string[]): Promise<void> {
	await page.waitForFunction(
		(wanted) => JSON.stringify([...document.querySelectorAll(".matrix-body [role=rowheader] bdi")].map((one) => one.textContent)) === wanted,
		JSON.stringify(products),
	).catch(async (failure) => {
		assert.deepEqual(await shown(page), products);
		throw failure;
	});
}

const focused = (page: Page): Promise<string | null> =>
	page.evaluate(() => document.activeElement!.getAttribute("aria-label")?.replace(/: .*/, "") ?? document.activeElement!.textContent);

async function tell(server: Server, product_name: string, environment_name: string, version: string, fields: Fields = {}): Promise<void> {
	await deploy(server, { product_name, environment_name, version, ...fields });
}

/* alpha drifts, beta failed in production an hour ago, gamma has been started for two days, delta is the same everywhere. */
async function fill(server: Server): Promise<void> {
	for (const environment of ["dev", "staging", "production"]) {
		await tell(server, "delta", environment, "1.0.0", { occurred_at: ago(100 * HOUR) });
		await tell(server, "beta", environment, "2.0.0", { occurred_at: ago(90 * HOUR) });
		await tell(server, "alpha", environment, "1.0.0", { occurred_at: ago(80 * HOUR) });
	}
	await tell(server, "alpha", "dev", "1.1.0", { occurred_at: ago(5 * HOUR) });
	await tell(server, "beta", "production", "2.1.0", { status: "failed", error_message: "no room", started_at: ago(1.1 * HOUR), occurred_at: ago(1.05 * HOUR) });
	await tell(server, "gamma", "dev", "3.0.0", { status: "started", occurred_at: ago(48 * HOUR) });
}

describe("the matrix", { skip: NO_BROWSER }, () => {
	const server = use_server();
	const chrome: Chrome = use_chrome();
	let viewer: Person;
	before(async () => {
		await fill(server);
		viewer = await person(server, "viewer");
	});

	test("marks drift, failed and stale attempts; each mark can be seen without colours", async () => {
		await chrome.visit(server, { as: viewer }, async (page) => {
			await go(page, "/");
			await assert_shown(page, ["alpha", "beta", "delta", "gamma"]);
			assert.match((await page.locator(".matrix-count").innerText()), /^4 products · 3 environments · 1 drift · 1 failing · 1 stale$/);
			const drifting = page.locator(".matrix-row.drift");
			assert.deepEqual(await drifting.locator("bdi").first().innerText(), "alpha");
			assert.equal(await drifting.count(), 1);
			assert.equal(await drifting.getByRole("img", { name: "drift" }).count(), 1);
			const failing = cell_of(page, "beta", "production");
			assert.match((await failing.getAttribute("aria-label"))!, /: 2\.0\.0, 3 d, failed: latest attempt 2\.1\.0, 1 h ago$/);
			assert.match(await failing.innerText(), /failed/);
			assert.match(await failing.getAttribute("class") ?? "", /failing/);
			assert.match(await cell_of(page, "gamma", "dev").innerText(), /no version[^]*stale/);
			assert.match(await page.getByRole("region", { name: "Latest failures" }).innerText(), /beta 2\.1\.0 failed in production/);
			await page.getByRole("button", { name: "Mark drift" }).click();
			await page.waitForFunction(() => !document.querySelector(".matrix-row.drift"));
		});
	});

	test("filters are in the address, survive a reload, and are there at the next visit", async () => {
		await chrome.visit(server, { as: viewer }, async (page, context) => {
			await go(page, "/");
			await page.getByRole("button", { name: "Only failing" }).click();
			await assert_shown(page, ["beta", "gamma"]);
			await page.getByLabel("Part of a product's name").fill("bet");
			await assert_shown(page, ["beta"]);
			await page.waitForURL(/[?&]q=bet/);
			assert.match(page.url(), /failing=1/);
			await page.reload();
			await assert_shown(page, ["beta"]);
			await page.goto("about:blank");
			await page.close();
			const later = await context.newPage();
			await go(later, "/");
			await assert_shown(later, ["beta"]);
			assert.equal(await later.getByLabel("Part of a product's name").inputValue(), "bet");
			await later.getByRole("button", { name: "Clear filters" }).click();
			await assert_shown(later, ["alpha", "beta", "delta", "gamma"]);
			await go(later, "/?environment=dev&drift=1"); // an address wins over memory
			await later.getByText("Nothing matches these filters").waitFor();
		});
	});

	test("a product and an environment are chosen by name, by keyboard alone", async () => {
		await chrome.visit(server, { as: viewer }, async (page) => {
			await go(page, "/");
			await page.getByRole("combobox", { name: "Product", exact: true }).focus();
			await page.keyboard.type("del");
			await page.keyboard.press("Enter");
			await assert_shown(page, ["delta"]);
			await page.getByRole("combobox", { name: "Environment", exact: true }).focus();
			await page.keyboard.type("prod");
			await page.keyboard.press("Enter");
			await page.waitForURL(/environment=production/);
			assert.deepEqual(await page.locator("[role=columnheader] bdi").allInnerTexts(), ["production"]);
		});
	});

	test("the head of a column shows it alone, and all again", async () => {
		await chrome.visit(server, { as: viewer }, async (page) => {
			await go(page, "/");
			await page.getByRole("button", { name: "staging" }).click();
			await page.waitForURL(/environment=staging/);
			await assert_shown(page, ["alpha", "beta", "delta"]);
			await page.getByRole("button", { name: "staging", pressed: true }).click();
			await assert_shown(page, ["alpha", "beta", "delta", "gamma"]);
		});
	});

	test("the slider shows the past, says so, and leads back", async () => {
		await chrome.visit(server, { as: viewer }, async (page) => {
			await go(page, "/");
			const slider = page.getByRole("slider", { name: "The matrix as it was" });
			assert.match((await cell_of(page, "alpha", "dev").getAttribute("aria-label"))!, /: 1\.1\.0,/);
			await page.getByRole("button", { name: "A day back" }).click();
			await page.getByText("You look at the past").waitFor();
			await page.locator('[aria-label^="alpha, dev: 1.0.0,"]').waitFor();
			assert.match(await cell_of(page, "beta", "production").innerText(), /^2\.0\.0\s+\d+ [hd] ago$/, "the failure is not there yet");
			assert.match(page.url(), /[?&]at=20/);
			await page.reload();
			await page.locator('[aria-label^="alpha, dev: 1.0.0,"]').waitFor();
			await slider.focus();
			await page.keyboard.press("Home");
			await page.getByText("Nothing had been deployed by then").waitFor();
			await page.getByRole("button", { name: "Back to now" }).click();
			await page.locator('[aria-label^="alpha, dev: 1.1.0,"]').waitFor();
			assert.equal(await page.getByText("You look at the past").count(), 0);
		});
	});

	test("arrows move the focus, Enter opens the cell, Esc gives the focus back", async () => {
		await chrome.visit(server, { as: viewer }, async (page) => {
			await go(page, "/");
			await cell_of(page, "alpha", "dev").focus();
			const moves: [key: string, to: string][] = [
				["ArrowRight", "alpha, staging"], ["ArrowDown", "beta, staging"], ["ArrowLeft", "beta, dev"], ["End", "beta, production"], ["ArrowRight", "beta, production"],
				["Control+End", "gamma, production"], ["Home", "gamma"], ["Control+Home", "alpha"], ["ArrowRight", "alpha, dev"], ["ArrowUp", "dev"],
			];
			for (const [key, to] of moves) {
				await page.keyboard.press(key);
				assert.equal(await focused(page), to, key);
			}
			assert.equal(await page.locator("[role=grid] [tabindex='0']").count(), 1, "Tab leads to one place of the grid");
			await cell_of(page, "beta", "production").focus();
			await page.keyboard.press("Enter");
			const dialog = page.getByRole("dialog", { name: "beta in production" });
			await dialog.getByText("no room").waitFor();
			assert.match(await dialog.innerText(), /Latest attempt[^]*failed/i);
			await page.keyboard.press("Escape");
			await dialog.waitFor({ state: "detached" });
			assert.equal(await focused(page), "beta, production");
			await page.keyboard.press("Shift+Tab");
			assert.equal(await page.evaluate(() => document.activeElement!.closest("[role=grid]")), null, "one step leaves the grid");
		});
	});
});

const PRODUCTS = 1000, ENVIRONMENTS = 12;
const product_name = (i: number): string => `product-${String(i).padStart(4, "0")}`;
const environment_name = (i: number): string => `env-${String(i).padStart(2, "0")}`;

async function fill_large(server: Server): Promise<void> {
	for (let environment = 0; environment < ENVIRONMENTS; environment++) {
		const lines = Array.from({ length: PRODUCTS }, (_, i) =>
			JSON.stringify({ kind: "deployment", ...event_of("deployment", { product_name: product_name(i), environment_name: environment_name(environment), version: `1.${i % 7}.0` }) }),
		);
		const answer = await server.post("/events/bulk", lines.join("\n"), { headers: { "content-type": "application/x-ndjson" } });
		assert.equal(answer.status, 200, answer.text);
	}
}

describe("a matrix of 1,000 products in 12 environments", { skip: NO_BROWSER }, () => {
	const server = use_server();
	const chrome = use_chrome();
	let viewer: Person;
	before(async () => {
		await fill_large(server);
		viewer = await person(server, "viewer");
	});

	const rows_there = (page: Page): Promise<number> => page.locator(".matrix-body [role=row]").count();
	const scroll_to = (page: Page, top: number): Promise<void> => page.evaluate((to) => document.querySelector("[role=grid]")!.scrollTo({ top: to, behavior: "instant" }), top);

	test("only what is in sight is there, to the end and back", async () => {
		await chrome.visit(server, { as: viewer }, async (page) => {
			await go(page, "/");
			assert.match(await page.locator(".matrix-count").innerText(), /^1,000 products · 12 environments/);
			const grid = page.getByRole("grid");
			assert.deepEqual([await grid.getAttribute("aria-rowcount"), await grid.getAttribute("aria-colcount")], [String(PRODUCTS + 1), String(ENVIRONMENTS + 1)]);
			assert.ok((await rows_there(page)) < 60);
			for (const [top, product] of [[1e9, product_name(PRODUCTS - 1)], [24_000, product_name(500)], [0, product_name(0)]] as const) {
				await scroll_to(page, top);
				await cell_of(page, product, environment_name(0)).waitFor();
				assert.ok((await rows_there(page)) < 60, `${await rows_there(page)} rows at ${product}`);
			}
			await cell_of(page, product_name(0), environment_name(0)).focus();
			await page.keyboard.press("Control+End");
			assert.equal(await focused(page), `${product_name(PRODUCTS - 1)}, ${environment_name(ENVIRONMENTS - 1)}`);
		});
	});

	test("a cell at the end follows the events, while others are told of, too", async () => {
		await chrome.visit(server, { as: viewer }, async (page) => {
			await go(page, "/");
			await is_live(page);
			await scroll_to(page, 1e9);
			const product = product_name(PRODUCTS - 1), environment = environment_name(3);
			await cell_of(page, product, environment).waitFor();
			await page.evaluate(() => ((window as any).stays = true));
			const others = Array.from({ length: 40 }, (_, i) => tell(server, product_name(i * 20), environment_name(1), "8.0.0"));
			await Promise.all([...others, tell(server, product, environment, "9.0.0")]);
			await page.locator(`[role=gridcell][aria-label^="${product}, ${environment}: 9.0.0,"]`).waitFor();
			await scroll_to(page, 0);
			await page.locator(`[role=gridcell][aria-label^="${product_name(0)}, ${environment_name(1)}: 8.0.0,"]`).waitFor();
			assert.equal(await page.evaluate(() => (window as any).stays), true, "the page was not loaded again");
		});
	});
});
