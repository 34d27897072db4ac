/* Pages that stay open: they follow what is sent to another server, and go on when theirs was away. */
import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { deploy } from "./api";
import { cell_of, Chrome, go, is_live, NO_BROWSER, Page, use_chrome } from "./browser";
import { again, person } from "./people";
import { NO_FILE } from "./engine";
import { Server, with_server } from "./server";

const version_is = (page: Page, version: string): Promise<void> => page.locator(`[role=gridcell][aria-label^="shop, production: ${version},"]`).waitFor();
const tell = (server: Server, version: string): Promise<void> => deploy(server, { product_name: "shop", environment_name: "production", version });

/* A page that was loaded again would not know of this any more. */
const mark = (page: Page): Promise<void> => page.evaluate(() => void ((window as any).stays = true));
const assert_stayed = async (page: Page): Promise<void> => assert.equal(await page.evaluate(() => (window as any).stays), true, "the page was loaded again");

describe("pages that stay open", { skip: NO_BROWSER }, () => {
	const chrome: Chrome = use_chrome();

	test("show what is sent to another server of the same store", async () => {
		await with_server({}, async (server) => {
			const other = new Server({ db: server.db, key: server.key, bootstrap: false });
			await other.start();
			try {
				await tell(server, "1.0.0");
				const viewer = await person(server, "viewer");
				await chrome.visit(server, { as: viewer }, async (page, context) => {
					await go(page, "/");
					const activity = await context.newPage();
					await go(activity, "/activity");
					for (const one of [page, activity]) await is_live(one);
					await Promise.all([page, activity].map(mark));
					await version_is(page, "1.0.0");
					for (const version of ["1.1.0", "1.2.0"]) {
						await tell(other, version);
						await version_is(page, version);
					}
					await activity.locator(".feed").getByText("1.2.0").first().waitFor();
					await Promise.all([page, activity].map(assert_stayed));
				});
			} finally {
				await other.close();
			}
		});
	});

	/* The port stays the same, as that of a server which is renewed. */
	test("go on after their server was away, and show what was sent meanwhile", async () => {
		await with_server({}, async (server) => {
			await tell(server, "1.0.0");
			const viewer = await person(server, "viewer");
			const allow = [/^failed: GET \S+ net::ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET|EMPTY_RESPONSE|NETWORK_CHANGED)/, /^503 GET /];
			await chrome.visit(server, { as: viewer, allow }, async (page) => {
				await go(page, "/");
				await is_live(page);
				await mark(page);
				server.assert_clean_exit(await server.stop());
				await page.locator(".live-reconnecting").waitFor();
				const renewed = new Server({ ...server.options, dir: server.dir, db: server.db, key: server.key, args: ["--listen", `127.0.0.1:${server.port}`] });
				await renewed.start();
				try {
					await tell(renewed, "2.0.0");
					await is_live(page);
					await version_is(page, "2.0.0");
					await tell(renewed, "2.1.0");
					await version_is(page, "2.1.0");
					await assert_stayed(page);
				} finally {
					await renewed.close();
				}
			});
		});
	});

	test("of somebody who is deactivated lead to the login page by themselves", async () => {
		await with_server({}, async (server) => {
			await tell(server, "1.0.0");
			const viewer = await person(server, "viewer");
			await chrome.visit(server, { as: await again(viewer), allow: [/^401 GET /] }, async (page) => {
				await go(page, "/");
				await is_live(page);
				const answer = await server.request("PATCH", `/users/${viewer.id}`, { body: { active: false } });
				assert.equal(answer.status, 200, answer.text);
				await page.waitForURL(/\/login/);
				assert.equal(await cell_of(page, "shop", "production").count(), 0);
			});
		});
	});

	test("hold one connection for their events, however many pages are gone to", { skip: NO_FILE && "the same on both" }, async () => {
		await with_server({}, async (server) => {
			await tell(server, "1.0.0");
			const viewer = await person(server, "viewer");
			await chrome.visit(server, { as: viewer }, async (page) => {
				let streams = 0;
				page.on("request", (request) => (streams += Number(request.url().includes("/events/stream"))));
				await go(page, "/");
				await is_live(page);
				for (const name of ["Activity", "Deployments", "Versions", "Products", "Settings", "Matrix"]) {
					await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name }).click();
					await page.getByRole("heading", { name, level: 1 }).waitFor();
				}
				assert.equal(streams, 1);
			});
		});
	});
});
