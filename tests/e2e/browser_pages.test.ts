/* Links that others print, the search, the themes, the pages of the API's description: in a browser. */
import { strict as assert } from "node:assert";
import { before, describe, test } from "node:test";
import { go, NO_BROWSER, Page, use_chrome } from "./browser";
import { fill, Filled, PLAIN } from "./browser_store";
import { use_world } from "./notifications";
import { until } from "./receivers";

describe("the pages", { skip: NO_BROWSER }, () => {
	const world = use_world({ mail: false });
	const chrome = use_chrome();
	let filled: Filled;
	before(async () => {
		filled = await fill(world, PLAIN);
	});

	const heading = (page: Page): Promise<string> => page.locator("aside.one h2").first().innerText();

	test("?view= opens what it names: the links that clients and notifications print", async () => {
		await chrome.visit(world.server, { as: filled.admin }, async (page) => {
			await go(page, `/manage/deployments?view=${filled.deployment}`);
			assert.match(await heading(page), /^product-name version → environment-name$/);
			assert.match(await page.locator("aside.one").innerText(), /3 of 3 instances gave no answer/);
			assert.match(await page.title(), /version → environment-name · Versioner$/);
			for (const path of [`/manage/versions?view=${filled.version}`, `/manage/catalog?tab=versions&view=${filled.version}`]) {
				await go(page, path);
				assert.match(await heading(page), /^product-name version$/, path);
				assert.match(page.url(), /\/manage\/versions\?/);
			}
			await go(page, `/manage/products?view=${filled.product}`);
			assert.equal(await heading(page), "product-name");
			await page.keyboard.press("Escape");
			await page.waitForURL((url) => url.pathname === "/manage/products" && !url.search);
		});
	});

	test("?view= of what is not there, and of what is no id, says so", async () => {
		await chrome.visit(world.server, { as: filled.admin, allow: [/^404 GET \S+01900000-0000-7000-8000-000000000000$/] }, async (page) => {
			for (const [list, word] of [["deployments", "deployment"], ["versions", "version"], ["products", "product"]])
				for (const view of ["01900000-0000-7000-8000-000000000000", "x", "../../session", "%3Cimg%3E"]) {
					await go(page, `/manage/${list}?view=${view}`);
					await page.getByRole("heading", { name: `There is no such ${word}` }).waitFor();
				}
		});
	});

	test("a link leads to the login page, and from there to where it led", async () => {
		await chrome.visit(world.server, { allow: [/^401 GET \S+\/session$/] }, async (page) => {
			await page.goto(`/manage/deployments?view=${filled.deployment}`);
			await page.waitForURL(/\/login\?next=/);
			await page.getByLabel("E-mail address").fill(filled.admin.email);
			await page.getByLabel("Password", { exact: true }).fill(filled.admin.password);
			await page.keyboard.press("Enter");
			await page.locator("aside.one h2").first().waitFor();
			assert.equal(new URL(page.url()).search, `?view=${filled.deployment}`);
		});
	});

	test("/ begins a search, arrows choose, Enter goes there; in a field it is a letter", async () => {
		await chrome.visit(world.server, { as: filled.admin }, async (page) => {
			await go(page, "/activity");
			await page.keyboard.press("/");
			await page.keyboard.type("product-n"); // not a letter may be lost
			const search = page.getByRole("combobox", { name: /^Search/ });
			assert.equal(await search.inputValue(), "product-n");
			await page.getByRole("option", { name: /^product-name/ }).first().waitFor();
			await page.keyboard.press("ArrowDown");
			assert.equal(await page.getByRole("option", { selected: true }).count(), 1);
			await page.keyboard.press("ArrowUp");
			await page.keyboard.press("Enter");
			await page.waitForURL((url) => url.pathname === "/manage/products" && url.searchParams.get("view") === filled.product);
			await page.keyboard.press("/");
			await page.keyboard.type("no/such");
			assert.equal(await search.inputValue(), "no/such");
			await page.getByText(/^Nothing found/).waitFor();
			await page.keyboard.press("Escape");
			await page.keyboard.press("Escape");
			await page.locator("h1").click();
			await page.keyboard.press("?");
			await page.getByRole("dialog", { name: "Keys" }).waitFor();
		});
	});

	test("the theme is the system's until one is chosen, and that one stays", async () => {
		await chrome.visit(world.server, { as: filled.admin, theme: "dark" }, async (page) => {
			const lightness = (): Promise<number> => page.evaluate(() => Number(/[\d.]+/.exec(getComputedStyle(document.documentElement).backgroundColor)![0]));
			await go(page, "/");
			assert.ok((await lightness()) < 60);
			await page.getByRole("button", { name: "Theme" }).click();
			await page.getByRole("menuitemradio", { name: "Light" }).click();
			assert.ok((await lightness()) > 200);
			await page.reload();
			assert.ok((await lightness()) > 200);
			await page.emulateMedia({ colorScheme: "light" });
			await page.getByRole("button", { name: "Theme" }).click();
			await page.getByRole("menuitemradio", { name: "Dark" }).click();
			assert.ok((await lightness()) < 60);
		});
	});

	/* Without this a test that finds nothing would say nothing. */
	test("what a page may not do is seen: code in it, another host, an error, an answer that is one", async () => {
		const deeds: [complaint: RegExp, deed: () => unknown][] = [
			[/policy: script-src/, () => document.body.append(Object.assign(document.createElement("script"), { textContent: "1" }))],
			[/policy: style-src/, () => document.body.setAttribute("style", "color: red")],
			[/elsewhere: https:\/\/other\.example/, () => void open("https://other.example/")],
			[/policy: img-src/, () => document.body.append(Object.assign(new Image(), { src: "https://other.example/x.png" }))],
			[/script: .*by the test/, () => setTimeout(() => Promise.reject(new Error("by the test")))],
			[/console: by the test/, () => console.error("by the test")],
			[/404 GET .*\/nothing/, () => fetch("/nothing")],
		];
		for (const [complaint, deed] of deeds) {
			const visit = await chrome.open(world.server, { as: filled.admin });
			await go(visit.page, "/activity");
			await visit.page.evaluate(deed).catch(() => undefined);
			await until(() => visit.complaints.some((one) => complaint.test(one)), () => `${complaint}: ${visit.complaints}`);
			assert.throws(() => visit.assert_content());
			await visit.context.close();
		}
	});

	for (const [path, shown] of [["/docs", ".opblock-summary-path"], ["/redoc", ".menu-content"]]) {
		test(`${path} shows the description, and asks no other host`, async () => {
			await chrome.visit(world.server, { as: filled.admin }, async (page) => {
				await page.goto(path);
				await page.locator(shown).first().waitFor();
				assert.match(await page.locator("body").innerText(), /deployment-events/);
			});
		});
	}

	test("/docs tries a request with the session of who is logged in", async () => {
		await chrome.visit(world.server, { as: filled.admin }, async (page) => {
			await page.goto("/docs");
			await page.locator(".opblock-get", { has: page.locator('[data-path="/session"]') }).first().click();
			await page.getByRole("button", { name: "Try it out" }).first().click();
			const answered = page.waitForResponse((response) => new URL(response.url()).pathname.startsWith("/session"));
			await page.getByRole("button", { name: "Execute" }).first().click();
			assert.equal((await answered).status(), 200);
		});
	});
});
