/* Database files of earlier releases: today's program migrates them, shows what they showed, and goes on with them. */
import * as fs from "node:fs";
import * as path from "node:path";
import { describe, test } from "node:test";
import { NO_FILE } from "./engine";
import { strict as assert } from "node:assert";
import { deploy, get_ok } from "./api";
import { DATA, Server } from "./server";

const KEY = "sk_default_k1_keyOfTheStoredFixturesOfOldReleases0";
const STORES = path.join(DATA, "stores");

/* What is there now may say more than what was there then. */
function assert_contains(shown: any, before: any, where: string): void {
	if (before === null || typeof before !== "object") return assert.equal(shown, before, where);
	if (Array.isArray(before)) assert.equal(shown.length, before.length, where);
	for (const [name, value] of Object.entries(before)) assert_contains(shown[name], value, `${where}.${name}`);
}

describe("databases of earlier releases", { skip: NO_FILE }, () => {
	for (const file of fs.readdirSync(STORES).filter((name) => name.endsWith(".db"))) {
		test(file, async () => {
			const server = new Server({ key: KEY });
			fs.copyFileSync(path.join(STORES, file), server.db);
			await server.start();
			try {
				const before = JSON.parse(fs.readFileSync(path.join(STORES, file.replace(/db$/, "json")), "utf8"));
				assert.ok(before.items.length > 0);
				assert_contains(await get_ok(server, "/environment-state/"), before, file);
				await deploy(server, { product_name: before.items[0].product_name, environment_name: before.environments[0].name, version: "new" });
				server.assert_check_is_green();
			} finally {
				await server.stop();
			}
		});
	}
});
