// People: the way after a login, words of roles and scopes, passwords, snippets, what a form has changed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import description from "../../api/openapi.yaml";
import { errorOf, secondsOf } from "../src/api/error";
import type { User } from "../src/api/types";
import { isOwnPath, nextPath } from "../src/app/next_path";
import { secondsLeft } from "../src/pages/login/countdown";
import { BETTER, isPossible, LEAST, MOST, passwordHint } from "../src/pages/login/password_words";
import { SNIPPETS, tryLine, tryPath } from "../src/pages/settings/people/snippets";
import { draftOf, userChanges } from "../src/pages/settings/people/user_changes";
import { PERMISSION_WORDS, ROLES, SCOPES, roleLabel, roleSentence } from "../src/pages/settings/people/words";

const ORIGIN = "https://versioner.example.com";
const { schemas } = (description as { components: { schemas: Record<string, { enum?: string[]; minLength?: number; maxLength?: number }> } }).components;

test("after a login one goes to a page of ours, and nowhere else", () => {
	const own = ["/", "/activity", "/manage/deployments?view=1&status=failed", "/settings/users#x", "/a//b"];
	for (const path of own) assert.equal(nextPath(`?next=${encodeURIComponent(path)}`, ORIGIN), path, path);
	const others = [
		"https://evil.example.com/",
		"//evil.example.com",
		"///evil.example.com",
		"/\\evil.example.com",
		"\\\\evil.example.com",
		"/\t/evil.example.com",
		"/\n/evil.example.com",
		"/\r/evil.example.com",
		" /activity",
		"javascript:alert(1)",
		"data:text/html,x",
		"activity",
		"?x",
		"",
		"/./\\evil.example.com",
		"/.//evil.example.com",
		"/a/..//evil.example.com",
		"/%2e//evil.example.com",
		"https:evil.example.com",
		"/login",
		"/login/",
		"/login?next=/login",
		"/setup",
		"/x/../login",
		"/\u0000",
		"/\u007f",
	];
	for (const path of others) assert.equal(nextPath(`?next=${encodeURIComponent(path)}`, ORIGIN), "/", JSON.stringify(path));
	assert.equal(nextPath("", ORIGIN), "/");
	assert.equal(nextPath("?next=/activity&next=//evil.example.com", ORIGIN), "/activity");
	assert.equal(isOwnPath(`${ORIGIN}/activity`, ORIGIN), false);
});

test("roles and scopes are those of the API", () => {
	assert.deepEqual(Object.keys(ROLES).sort(), [...(schemas.Role?.enum ?? ["?"])].sort());
	assert.deepEqual(Object.keys(SCOPES), schemas.Scope?.enum);
	const permissions = schemas.Permission?.enum ?? [];
	for (const one of Object.keys(PERMISSION_WORDS)) assert.ok(permissions.includes(one), one);
});

/** The rows of the table in docs/api.md: permissions by role. */
function documented(): Map<string, string[]> {
	const rows = readFileSync("../docs/api.md", "utf8").split("\n");
	const head = rows.findIndex((row) => row.startsWith("| permission | admin |"));
	const cells = (row: string) => row.split("|").slice(1, -1).map((cell) => cell.trim());
	const roles = cells(rows[head]!).slice(1);
	const found = new Map<string, string[]>(roles.map((role) => [role, []]));
	for (const row of rows.slice(head + 2)) {
		if (!row.startsWith("|")) break;
		const [names = "", ...marks] = cells(row);
		for (const [, name] of names.matchAll(/`([a-z.]+)`/g)) marks.forEach((mark, at) => mark === "x" && found.get(roles[at]!)!.push(name!));
	}
	return found;
}

test("what is said of a role is what the documentation's table says", () => {
	const table = documented();
	assert.equal(table.size, Object.keys(ROLES).length);
	for (const [role, { may }] of Object.entries(ROLES)) assert.deepEqual([...may].sort(), table.get(role)!.sort(), role);
	assert.match(roleSentence("sre"), /environments.*notification channels/);
	assert.doesNotMatch(roleSentence("viewer"), /send|change products/);
	assert.equal(roleLabel("release_manager"), "Release manager");
	assert.equal(roleLabel("something_new"), "something new");
});

test("a password is judged by the server's lengths, counted in characters", () => {
	assert.equal(LEAST, schemas.Password?.minLength);
	assert.equal(MOST, schemas.Password?.maxLength);
	const cases: [string, boolean, RegExp][] = [
		["", false, /^At least 10/],
		["a", false, /^9 more/],
		["abcdefghi", false, /^One more/],
		["abcdefghij", true, /^Long enough/],
		["abcdefghijkl", true, /^A good length/],
		["𝔭𝔞𝔰𝔰𝔴", false, /^5 more/],
		["𝔭𝔞𝔰𝔰𝔴𝔭𝔞𝔰𝔰𝔴", true, /^Long enough/],
		["aaaaaaaaaaaa", true, /^One character over and over/],
		["ab".repeat(129), false, /^2 characters too many/],
	];
	for (const [password, possible, hint] of cases) {
		assert.equal(isPossible(password), possible, password);
		assert.match(passwordHint(password), hint, password);
	}
	assert.ok(BETTER > LEAST);
});

test("snippets: the line that tries a key has it once, those for pipelines never", () => {
	const key = "sk_default_k2_Zk3v9QxT7mB1nR5wY8cL2hJ6pD4gS0aE7uF3oI9k";
	const line = tryLine("VERSIONER_API_KEY", key, "/session");
	assert.equal(line.split(key).length, 2);
	assert.ok(line.includes("curl {url}/session") && line.includes('"Authorization: Bearer $VERSIONER_API_KEY"'));
	assert.ok(tryLine("X", "a'b $(id)", "/").startsWith("X='a'\\''b $(id)'\n"));
	for (const { code, secret } of Object.values(SNIPPETS)) {
		assert.ok(code.includes("VERSIONER_API_URL") && code.includes("{url}") && code.includes("versioner run"));
		assert.ok(secret.includes("VERSIONER_API_KEY") && !code.includes("sk_"));
	}
	assert.equal(tryPath(["events"]), "/session");
	assert.equal(tryPath(["events", "read"]), "/environment-state/");
	assert.equal(tryPath(["admin"]), "/environment-state/");
});

const ada: User = { id: "u", email: "ada@example.com", name: null, role: "developer", active: true, has_password: true, created_at: "", last_login_at: null };

test("of a user only what was changed is sent", () => {
	assert.deepEqual(userChanges(ada, draftOf(ada)), {});
	assert.deepEqual(userChanges(ada, { ...draftOf(ada), name: "  ", email: " ada@example.com " }), {});
	assert.deepEqual(userChanges(ada, { ...draftOf(ada), name: "Ada", role: "sre", active: false }), { name: "Ada", role: "sre", active: false });
	assert.deepEqual(userChanges({ ...ada, name: "Ada" }, { ...draftOf(ada), name: "" }), { name: null });
});

test("how long to wait is read from the answer, and counted down by the clock", () => {
	const cases: [string | null, number | null][] = [[null, null], ["4", 4], ["", null], ["-1", null], ["4.5", null], ["Wed, 21 Oct 2026 07:28:00 GMT", null], ["99999999", null]];
	for (const [header, wanted] of cases) assert.equal(secondsOf(header), wanted, String(header));
	const error = errorOf(429, { detail: "Too many failed logins. Try again in 4 seconds." }, 4);
	assert.equal(error.retryAfter, 4);
	assert.equal(errorOf(401, { detail: "Wrong e-mail address or password" }).retryAfter, null);
	assert.deepEqual([4000, 3999, 3001, 3000, 1, 0, -5].map((left) => secondsLeft(10_000 + left, 10_000)), [4, 4, 4, 3, 1, 0, 0]);
});
