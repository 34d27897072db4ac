/* Texts that others send, shown in a browser: hostile ones stay texts on every page, and long ones stay within it. */
import { strict as assert } from "node:assert";
import { before, describe, test } from "node:test";
import { deploy, query } from "./api";
import { BrowserContext, go, NARROW, NO_BROWSER, Page, settled_page, use_chrome } from "./browser";
import { fill, Filled, pages_of } from "./browser_store";
import { use_world } from "./notifications";
import { unique } from "./server";

/* Addresses that must lead nowhere. */
const SCHEMES: Record<string, string> = {
	"build.build_url": "javascript:ran('%')//",
	"deployment.build_url": "vbscript:ran(%)",
	"deployment.deploy_url": "data:text/html,<script>opener.ran('%')</script>",
	"build.scm_repository": "javascript:ran('%')//https://github.com/a/b",
	"metadata.entry": "javascript:ran('%')",
	"user.name": "javascript:ran('%')",
};
/* What runs where a text becomes markup; the first that fits into its field is taken. % is the field. */
const PAYLOADS = [
	`"><img src=x onerror="ran('%')"><x-mark>%</x-mark><svg onload=ran('%')></svg><a href="javascript:ran('%')">%</a><script>ran('%')</script>{{ran('%')}}`,
	`<img src=x onerror="ran('%')"><x-mark>%</x-mark>'";ran('%')//`,
	`<img src=x onerror=ran('%')><x-mark>%`,
	"<img src onerror=ran()><x-mark>%",
	"<x-mark>%",
];
const HOSTILE_SHORT: Record<string, string> = { "deployment.source_system": "d.source", "build.source_system": "b.source" };

function hostile(field: string, limit: number): string {
	const named = HOSTILE_SHORT[field] ?? field;
	const fits = [SCHEMES[field] ?? "", ...PAYLOADS].filter(Boolean).map((payload) => payload.replaceAll("%", named)).find((text) => text.length <= limit);
	assert.ok(fits, `${field}: nothing fits into ${limit} characters`);
	return fits;
}

/* No page has these: of addresses that lead nowhere there is no link. */
const NOT_SHOWN = ["build.build_url", "deployment.build_url", "build.error_code", "b.source"];

const LONG = (field: string, limit: number): string => (field + "_".padEnd(limit, "Wmy")).slice(0, limit);

/* What of a page is no text: elements of a payload, code in attributes, links that lead neither to us nor to the web. Closed parts and other trees too. */
const intruders = (page: Page): Promise<string[]> =>
	page.evaluate(() => {
		const found: string[] = [];
		for (const one of document.querySelectorAll("*")) {
			const name = one.localName;
			const source = one.getAttribute("src") ?? "";
			const ours = (name !== "script" || source.startsWith("/assets/")) && (name !== "img" || source.startsWith("data:image/"));
			if (!ours || ["x-mark", "iframe", "object", "embed", "base", "style"].includes(name)) found.push(one.outerHTML);
			for (const { name: attribute, value } of one.attributes) {
				if (/^on/.test(attribute)) found.push(`${name} ${attribute}=${value}`);
				if (!/(^|:)(href|src|action|formaction|data|srcdoc|ping|poster)$/.test(attribute) || value.startsWith("data:image/")) continue;
				if (!["http:", "https:"].includes(new URL(value, location.href).protocol)) found.push(`${name} ${attribute}=${value}`);
			}
		}
		return [...new Set(found)].slice(0, 10);
	});

/* All that a reader is told: texts, and what stands in attributes. */
const told = (page: Page): Promise<string> =>
	page.evaluate(() => {
		const attributes = [...document.querySelectorAll("*")].flatMap((one) => ["title", "aria-label", "value"].map((name) => one.getAttribute(name) ?? ""));
		const values = [...document.querySelectorAll<HTMLInputElement>("input, textarea")].map((one) => one.value);
		return [document.title, document.body.textContent, ...attributes, ...values].join("\n");
	});

/* Buttons that change something, leave, or open what has none of others' texts. */
const LEFT_OUT = /delete|revoke|remove|test|retry|send|log out|activate|new link|save|switch|enable|disable|pause|make|create|swap|dismiss|clear|copy|load|days|show less/i;

/* Pages with dialogs and closed parts of their own; what is opened on the others is opened by the test itself. */
const OPENED = /^\/settings|[?&]view=/;

const MOST_BUTTONS = 12;
const BUTTONS = "main button:visible:enabled";
const names_of = (page: Page): Promise<string[]> => page.locator(BUTTONS).evaluateAll((all) => all.map((one) => one.getAttribute("aria-label") ?? one.textContent ?? ""));

/* Opens what can be opened on the page, and looks each time. */
async function open_all(page: Page, see: (after: string) => Promise<void>): Promise<void> {
	const address = page.url();
	const names = await names_of(page);
	for (const closed of ["main details:not([open]) > summary", "main .show-all[aria-expanded=false]"])
		for (let i = 0; i < 20 && (await page.locator(closed).count()); i++) await page.locator(closed).first().click();
	await see("opened");
	for (const [at, name] of names.slice(0, MOST_BUTTONS).entries()) {
		if (LEFT_OUT.test(name.replace(/<.*/, ""))) continue;
		if (page.url() !== address || String(await names_of(page)) !== String(names)) {
			await page.evaluate(() => localStorage.clear()); // filters
			await go(page, address);
		}
		await page.locator(BUTTONS).nth(at).click();
		await settled_page(page);
		await see(name.slice(0, 40));
		if (await page.locator("dialog[open]").count()) await page.keyboard.press("Escape");
	}
}

/* What called the function that the payloads call. */
async function heard(context: BrowserContext): Promise<string[]> {
	const ran: string[] = [];
	await context.exposeFunction("ran", (field: string) => void ran.push(field));
	return ran;
}

describe("hostile texts", { skip: NO_BROWSER }, () => {
	const world = use_world({ mail: false });
	const chrome = use_chrome();
	const sent = new Set<string>();
	let filled: Filled;
	before(async () => {
		filled = await fill(world, (field, limit) => {
			sent.add(HOSTILE_SHORT[field] ?? field);
			return hostile(field, limit);
		});
	});

	/* The policy would stop what runs. Without it a text that became markup is seen to run. */
	const OPTIONS = { bypass_policy: true };

	test("stay texts on every page, in every dialog, without help of the policy; and each is shown somewhere", async () => {
		const seen = new Set<string>();
		await chrome.visit(world.server, { as: filled.admin, ...OPTIONS }, async (page, context) => {
			const ran = await heard(context);
			const see = async (what: string): Promise<void> => {
				assert.deepEqual(await intruders(page), [], what);
				assert.deepEqual(ran, [], what);
				const text = await told(page);
				for (const field of sent) if (text.includes(field)) seen.add(field);
			};
			for (const [name, path] of Object.entries(pages_of(filled))) {
				await go(page, path);
				await see(name);
				if (OPENED.test(path)) await open_all(page, (after) => see(`${name}: ${after}`));
			}
			await go(page, "/");
			for (const cell of await page.locator("[role=gridcell]:not(:empty)").all()) {
				await cell.hover();
				await cell.focus();
				await page.keyboard.press("Enter");
				await page.getByRole("dialog").waitFor();
				await settled_page(page);
				await see("a cell");
				await page.keyboard.press("Escape");
				await page.getByRole("dialog").waitFor({ state: "detached" });
			}
			await page.keyboard.press("/");
			await page.keyboard.type("x-mark");
			await page.getByRole("option").first().waitFor();
			await see("the search");
			await page.keyboard.press("Escape");
			await go(page, `/manage/products?view=${filled.product}`);
			for (const item of await page.locator(".timeline a").all()) await item.dispatchEvent("pointerenter");
			await see("the timeline");
			await page.getByRole("button", { name: /^Account of/ }).click();
			await see("the menu");
		});
		assert.deepEqual([...sent].filter((field) => !seen.has(field) && !NOT_SHOWN.includes(field)), [], "these are shown nowhere: the test says nothing of them");
	});

	test("stay texts while they come in, live", async () => {
		await chrome.visit(world.server, { as: filled.admin, ...OPTIONS }, async (page, context) => {
			const ran = await heard(context);
			for (const [path, there] of [["/", ".matrix-body"], ["/activity", ".feed"], ["/manage/deployments", "table"], ["/manage/versions", "table"]] as const) {
				await go(page, path);
				await page.locator(".live-live").waitFor();
				const mark = unique("live");
				const product_name = `<img src=x onerror="ran('${mark}')"><x-mark>${mark}`;
				await deploy(world.server, { product_name, version: "<script>ran('v')</script>", environment_name: "staging", error_message: "<x-mark>" });
				await page.locator(there).getByText(mark).first().waitFor();
				assert.deepEqual([await intruders(page), ran], [[], []], path);
			}
		});
	});

	test("in an address stay texts, and lead nowhere else", async () => {
		const text = `"><img src=x onerror="ran('address')"><x-mark>`;
		const with_text = (path: string, ...names: string[]): string => path + query(Object.fromEntries(names.map((name) => [name, text])));
		const addresses = [
			with_text("/", "q", "product", "environment", "type", "at"),
			with_text("/activity", "product", "type", "since"),
			with_text("/manage/deployments", "view", "product", "status", "since"),
			with_text("/manage/versions", "view", "q"),
			with_text("/manage/catalog", "tab", "view"),
			with_text("/manage/products", "q", "days"),
			with_text("/manage/diff", "from", "to", "product"),
			with_text("/settings/audit", "actor", "action", "subject", "since"),
			with_text("/settings/deliveries", "channel", "state"),
			`/settings/${encodeURIComponent(text)}`,
			`/setup#${encodeURIComponent(text)}`,
		];
		// The server refuses what is no filter, in words that the page shows.
		await chrome.visit(world.server, { as: filled.admin, ...OPTIONS, allow: [/^4(00|04|22) GET /] }, async (page, context) => {
			const ran = await heard(context);
			for (const address of addresses) {
				await page.goto(address);
				if (await page.locator("#app").count()) await settled_page(page);
				assert.deepEqual([await intruders(page), ran], [[], []], address);
			}
		});
		for (const next of ["javascript:ran('next')", "//evil.example/", "/\\evil.example"]) {
			await chrome.visit(world.server, { allow: [/^401 GET \S+\/session$/] }, async (page, context) => {
				const ran = await heard(context);
				await page.goto(`/login?next=${encodeURIComponent(next)}`);
				await page.getByLabel("E-mail address").fill(filled.admin.email);
				await page.getByLabel("Password", { exact: true }).fill(filled.admin.password);
				await page.keyboard.press("Enter");
				await page.locator(".top-bar").waitFor();
				assert.deepEqual([new URL(page.url()).origin, ran], [world.server.url, []], next);
			});
		}
	});
});

describe("long texts", { skip: NO_BROWSER }, () => {
	const world = use_world({ mail: false });
	const chrome = use_chrome();
	let filled: Filled;
	before(async () => {
		filled = await fill(world, LONG);
	});

	test("do not make a narrow page wider", async () => {
		await chrome.visit(world.server, { as: filled.admin, size: NARROW }, async (page) => {
			const wide: string[] = [];
			for (const [name, path] of Object.entries(pages_of(filled))) {
				await go(page, path);
				const width = await page.evaluate(() => document.scrollingElement!.scrollWidth);
				if (width > NARROW.width) wide.push(`${name}: ${width}`);
			}
			assert.deepEqual(wide, []);
		});
	});
});
