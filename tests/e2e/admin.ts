/* The administrator's commands as the tests use them. */
import { strict as assert } from "node:assert";
import { Answer, Server, sleep, unique } from "./server";

export const KEY_FORM = /sk_default_k\d+_[A-Za-z0-9]{32,}/;

const AT_ONCE = 1_000; /* a server process hears of a change made beside it within this time */

/* Asks until the key is known, or no longer known, to the running server. */
export async function wait_until_key(server: Server, key: string, known: boolean): Promise<Answer> {
	for (const deadline = Date.now() + AT_ONCE; ; await sleep(20)) {
		const answer = await server.get("/events/?limit=1", { key });
		if ((answer.status !== 401) === known) return answer;
		assert.ok(Date.now() < deadline, `after ${AT_ONCE} ms the key is still ${known ? "unknown" : "known"}`);
	}
}

/* A new key of these scopes, made on the server's machine. */
export async function create_key(server: Server, scopes: string, name = unique("key")): Promise<string> {
	const made = server.run("admin", "create-key", "--name", name, "--scope", scopes);
	assert.equal(made.status, 0, made.stderr);
	const key = KEY_FORM.exec(made.stdout)?.[0];
	assert.ok(key, made.stdout);
	await wait_until_key(server, key, true);
	return key;
}

/* k1, k2, … of a key. */
export const key_id = (key: string): string => key.split("_")[2];
