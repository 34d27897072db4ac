/* From the first start to a team at work, as people do it: in the page, one step after the other, on one server. */
import { spawnSync } from "node:child_process";
import { strict as assert } from "node:assert";
import { after, before, describe, test } from "node:test";
import { event_of } from "./api";
import { cell_of, go, is_live, NO_BROWSER, Page, settled_page, use_chrome, Visit } from "./browser";
import { SETTINGS } from "./browser_store";
import { use_world } from "./notifications";
import { new_password } from "./people";

const HAS_CURL = spawnSync("curl", ["--version"]).status === 0;
const HOOK = "releases";
const VIEWER = "vera@example.com";
const HIDDEN = ["tokens", "channels", "preferences", "keys", "users"]; /* of the settings, from a viewer */
/* What the page asks first is whether somebody is here; and what a viewer asks for below is refused. */
const EXPECTED = [/^401 GET \S+\/session$/, /^403 (GET|POST) \S+\/(api-keys|users|notification-channels)$/];

describe("from the first start on", { skip: NO_BROWSER }, () => {
	const world = use_world({ mail: false, bootstrap: false });
	const chrome = use_chrome();
	const { server, slack } = world;
	const password = new_password(), viewer_password = new_password();
	let visit: Visit, page: Page, matrix: Page;
	let key = "", viewer_link = "", failed_before = false;
	before(async () => {
		visit = await chrome.open(server, { allow: EXPECTED });
		page = visit.page;
	});
	after(async () => {
		await visit.context.close();
	});

	/* The steps build on each other: after one that failed the others say nothing. */
	const step = (name: string, run: () => Promise<void>): void =>
		void test(name, async (t) => {
			if (failed_before) return t.skip("a step before it failed");
			failed_before = true;
			await run().catch(async (failure) => {
				await visit.explain(failure);
				throw failure;
			});
			visit.assert_content();
			failed_before = false;
		});

	/* From outside, as a pipeline sends it. */
	async function post(fields: object): Promise<void> {
		const answer = await server.post("/deployment-events/", event_of("deployment", { product_name: "checkout", environment_name: "staging", ...fields }), { key });
		assert.equal(answer.status, 200, answer.text);
	}
	const link_of = (text: string): string => new URL(/http\S+(\/setup#\S+)/.exec(text)![1], server.url).href;
	const dialog = (name: RegExp | string): ReturnType<Page["locator"]> => page.getByRole("dialog", { name });
	const log_in = async (email: string, secret: string): Promise<void> => {
		await page.getByLabel("E-mail address").fill(email);
		await page.getByLabel("Password", { exact: true }).fill(secret);
		await page.getByRole("button", { name: "Log in" }).click();
		await page.locator(".top-bar").waitFor();
	};
	const log_out = async (): Promise<void> => {
		await page.getByRole("button", { name: /^Account of/ }).click();
		await page.getByRole("menuitem", { name: "Log out" }).click();
		await page.waitForURL(/\/login$/);
	};

	step("nobody is let in without a login", async () => {
		for (const path of ["/", "/activity", "/settings/users"]) {
			await page.goto(path);
			await page.waitForURL(/\/login/);
		}
	});

	step("the printed link leads to a page that sets the password; the secret leaves the address", async () => {
		await page.goto(link_of(server.out));
		await page.getByRole("heading", { name: "Set a password" }).waitFor();
		assert.equal(new URL(page.url()).hash, "");
		await page.getByLabel("New password").fill(password);
		await page.getByLabel("The same again").fill(`${password}x`);
		await page.getByRole("button", { name: "Set password and log in" }).click();
		await page.getByText("This is not the same password.").waitFor();
		await page.getByLabel("The same again").fill(password);
		await page.getByRole("button", { name: "Set password and log in" }).click();
		await page.getByRole("heading", { name: "Matrix" }).waitFor();
	});

	step("the link works once", async () => {
		const used = await visit.context.browser()!.newContext({ baseURL: server.url });
		const other = await used.newPage();
		await other.goto(link_of(server.out));
		await other.getByLabel("New password").fill("another good password");
		await other.getByLabel("The same again").fill("another good password");
		await other.getByRole("button", { name: "Set password and log in" }).click();
		await other.getByText(/not valid any more|has been used|works once/).first().waitFor();
		await used.close();
	});

	step("an empty matrix says what to send, with the address of this server", async () => {
		await page.getByText("Nothing has been deployed yet").waitFor();
		assert.match(await page.locator(".code-block code").innerText(), new RegExp(`^curl ${server.url}/deployment-events/ `));
		await page.getByRole("link", { name: "Make an API key" }).waitFor();
	});

	step("an API key is made in the page, and shown once", async () => {
		matrix = await visit.context.newPage();
		await go(matrix, "/");
		await is_live(matrix);
		await page.bringToFront(); // what lies behind is drawn once a second
		await page.getByRole("link", { name: "Make an API key" }).click();
		await page.waitForURL(/\/settings\/keys$/);
		await page.getByRole("button", { name: "New key" }).first().click();
		await page.getByLabel("Name").fill("ci of checkout");
		await page.getByRole("button", { name: "Make the key" }).click();
		const shown = page.getByRole("textbox", { name: "API key", exact: true });
		await shown.waitFor();
		key = (await shown.innerText()).trim();
		assert.match(key, /^sk_\w+_k\d+_[A-Za-z0-9]{32,}$/);
		await page.getByRole("button", { name: "Done" }).click();
		await page.getByRole("row", { name: /ci of checkout/ }).waitFor();
		await page.reload();
		await page.getByRole("row", { name: /ci of checkout/ }).waitFor();
		assert.ok(!(await page.content()).includes(key), "shown once");
	});

	step("the example of the empty matrix, run with that key, fills it without a reload", async () => {
		const example = await matrix.locator(".code-block code").innerText();
		await matrix.evaluate(() => ((window as any).stays = true));
		if (HAS_CURL) {
			const ran = spawnSync("sh", ["-c", example.replace(/^curl/, "curl -sS --fail-with-body")], { encoding: "utf8", env: { ...process.env, VERSIONER_API_KEY: key } });
			assert.equal(ran.status, 0, `${ran.stdout}${ran.stderr}`);
		} else await post({ version: "1.4.0" });
		await cell_of(matrix, "checkout", "staging").waitFor();
		assert.match((await cell_of(matrix, "checkout", "staging").getAttribute("aria-label"))!, /: 1\.4\.0, just now$/);
	});

	step("an event from outside changes the cell without a reload", async () => {
		await post({ version: "1.5.0" });
		await matrix.locator('[aria-label^="checkout, staging: 1.5.0,"]').waitFor();
		await post({ version: "1.6.0", status: "failed", error_message: "no room" });
		await matrix.locator('[aria-label^="checkout, staging: 1.5.0,"][aria-label*="failed: latest attempt 1.6.0"]').waitFor();
		await matrix.getByText("checkout 1.6.0 failed in staging").waitFor();
		assert.equal(await matrix.evaluate(() => (window as any).stays), true);
	});

	step("a Slack channel is made in the page, and the test button reaches Slack", async () => {
		await go(page, "/settings/channels");
		await page.getByRole("button", { name: /add a channel/i }).first().click();
		await dialog("Add a channel").getByLabel("Type").selectOption("slack_webhook");
		await dialog("Add a channel").getByLabel("Name").fill(HOOK);
		await dialog("Add a channel").getByLabel("Webhook URL").fill(slack.url(slack.hook(HOOK)));
		await dialog("Add a channel").getByRole("button", { name: "Add", exact: true }).click();
		await page.getByRole("button", { name: /sample|test/i }).first().click();
		const [sample] = await slack.wait(slack.hook(HOOK), 1);
		assert.ok(sample.json.text || sample.json.blocks || sample.json.attachments, sample.text);
		await page.getByText(/answered 200|arrived|delivered/i).first().waitFor();
		assert.ok(!(await page.content()).includes(slack.hook(HOOK)), "the address is a secret");
	});

	step("a preference is made in the page: failed deployments go to that channel", async () => {
		await go(page, "/settings/preferences");
		await page.getByRole("button", { name: /add a preference/i }).first().click();
		await dialog("Add a preference").getByLabel("Tell of").selectOption("deployment.failed");
		await dialog("Add a preference").getByLabel("To this channel").selectOption({ label: HOOK });
		await dialog("Add a preference").getByRole("button", { name: "Add", exact: true }).click();
		await dialog("Add a preference").waitFor({ state: "detached" });
		await page.getByText(HOOK).first().waitFor();
	});

	step("what is sent then arrives at Slack, and is among the last deliveries", async () => {
		await post({ version: "1.7.0", status: "failed", error_message: "no room again" });
		const [, message] = await slack.wait(slack.hook(HOOK), 2);
		assert.match(message.text, /checkout/);
		assert.match(message.text, /1\.7\.0/);
		await go(page, "/settings/channels");
		await page.getByRole("link", { name: HOOK }).first().click();
		const last = page.locator(".one-delivery").first();
		await last.waitFor();
		assert.match(await last.innerText(), /checkout 1\.7\.0[^]*200/);
		await go(page, "/settings/deliveries");
		await page.getByRole("row", { name: /checkout 1\.7\.0/ }).first().waitFor();
	});

	step("the audit log says who did all that, and tells no secret", async () => {
		await go(page, "/settings/audit");
		const said = await page.locator("main").innerText();
		for (const name of ["ci of checkout", HOOK, "admin@localhost"]) assert.ok(said.includes(name), `${name}:\n${said}`);
		for (const secret of [key, slack.hook(HOOK), password]) assert.ok(!(await page.content()).includes(secret));
	});

	step("a viewer is made in the page, with a link", async () => {
		await go(page, "/settings/users");
		await page.getByRole("button", { name: /new user/i }).first().click();
		await dialog("New user").getByLabel("E-mail address").fill(VIEWER);
		await dialog("New user").getByLabel("Role").selectOption("viewer");
		await dialog("New user").getByRole("button", { name: "Make the user" }).click();
		const shown = page.getByRole("textbox", { name: "One-time link" });
		await shown.waitFor();
		viewer_link = link_of(await shown.innerText());
		await page.getByRole("button", { name: "Done" }).click();
		await page.getByRole("row", { name: new RegExp(VIEWER) }).waitFor();
	});

	step("logging out ends it for every page, and for the way back", async () => {
		await log_out();
		await page.goBack();
		await page.waitForURL(/\/login/);
		await matrix.reload();
		await matrix.waitForURL(/\/login/);
		await matrix.close();
		await log_in("admin@localhost", password);
		await log_out();
	});

	step("the viewer sets a password, sees what runs where, and no settings that are not for viewers", async () => {
		await page.goto(viewer_link);
		await page.getByLabel("New password").fill(viewer_password);
		await page.getByLabel("The same again").fill(viewer_password);
		await page.getByRole("button", { name: "Set password and log in" }).click();
		await cell_of(page, "checkout", "staging").waitFor();
		await go(page, "/settings");
		await page.waitForURL(/\/settings\/\w+$/);
		const tabs = await page.getByRole("navigation", { name: "Settings" }).getByRole("link").evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).pathname));
		const allowed = SETTINGS.filter((tab) => !HIDDEN.includes(tab));
		assert.deepEqual(tabs.sort(), allowed.map((tab) => `/settings/${tab}`).sort());
		for (const tab of HIDDEN) {
			await page.goto(`/settings/${tab}`);
			await page.getByText("There is no such tab for your role").waitFor();
		}
		for (const path of ["/manage/products", "/manage/deployments", "/settings/deliveries"]) {
			await go(page, path);
			assert.equal(await page.getByRole("button", { name: /^(edit|delete|retry)/i }).count(), 0, path);
		}
	});

	step("the API refuses the viewer, too", async () => {
		const ask = (method: string, path: string): Promise<number> =>
			page.evaluate(
				async ([how, where]) => {
					const { csrf_token } = await (await fetch("/session")).json();
					const headers: Record<string, string> = { "X-CSRF-Token": csrf_token, "Content-Type": "application/json" };
					return (await fetch(where, { method: how, headers, body: how === "POST" ? "{}" : undefined })).status;
				},
				[method, path],
			);
		for (const path of ["/api-keys", "/users", "/notification-channels"]) for (const method of ["GET", "POST"]) assert.equal(await ask(method, path), 403, `${method} ${path}`);
		assert.equal(await ask("GET", "/audit-log"), 200);
	});

	step("an admin sees every tab of the settings, each of which is a page", async () => {
		await log_out();
		await log_in("admin@localhost", password);
		await go(page, "/settings");
		const tabs = await page.getByRole("navigation", { name: "Settings" }).getByRole("link").evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).pathname));
		assert.deepEqual(tabs, SETTINGS.map((tab) => `/settings/${tab}`));
		for (const tab of tabs) {
			await page.locator(`a[href="${tab}"]`).first().click();
			await settled_page(page);
			await page.locator("main h2").first().waitFor();
		}
	});
});
