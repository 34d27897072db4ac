// Addresses of commits, texts of others, a list under live events: what the pages of the history share.
import assert from "node:assert/strict";
import test from "node:test";
import { overlay } from "../src/app/data";
import { commitAddress, repositoryAddress } from "../src/kit/commit_address";
import { visible } from "../src/kit/text";
import { countValues } from "../src/kit/count_values";

const SHA = "443d318ad93a839762fc9163844e6adcbb637560";

test("a commit's address, where the host is known", () => {
	const cases: [repository: string | null, run: string | null, address: string | null][] = [
		["https://github.com/acme/checkout", null, `https://github.com/acme/checkout/commit/${SHA}`],
		["https://github.com/acme/checkout.git", null, `https://github.com/acme/checkout/commit/${SHA}`],
		["git@github.com:acme/checkout.git", null, `https://github.com/acme/checkout/commit/${SHA}`],
		["ssh://git@gitlab.com/acme/shop/checkout", null, `https://gitlab.com/acme/shop/checkout/-/commit/${SHA}`],
		["https://gitlab.example.com/acme/checkout/", null, `https://gitlab.example.com/acme/checkout/-/commit/${SHA}`],
		["https://bitbucket.org/acme/checkout", null, `https://bitbucket.org/acme/checkout/commits/${SHA}`],
		["acme/checkout", "https://github.com/acme/checkout/actions/runs/1", `https://github.com/acme/checkout/commit/${SHA}`],
		["acme/checkout", "https://gitlab.example.com/acme/checkout/-/pipelines/7", `https://gitlab.example.com/acme/checkout/-/commit/${SHA}`],
		// The run is of another repository, of another host, or no run.
		["acme/checkout", "https://gitlab.example.com/evil/-/pipelines/7", null],
		["acme/checkout", "https://github.com/evil/checkout/actions/runs/1", null],
		["acme/checkout", "https://jenkins.example.com/acme/checkout/7", null],
		["acme/checkout", "https://github.com/acme/checkout-two/actions/runs/1", null],
		["acme/checkout", "javascript:alert(1)//github.com/acme/checkout/actions/runs/1", null],
		["acme/checkout", null, null],
		["http://github.com/acme/checkout", null, null],
		["https://user:secret@github.com/acme/checkout", null, null],
		["https://example.com/acme/checkout", null, null],
		["https://github.com.evil.example/acme/checkout", null, null],
		["https://github.com/acme", null, null],
		["javascript:alert(1)//", null, null],
		[null, null, null],
	];
	for (const [repository, run, address] of cases) assert.equal(commitAddress(repository, SHA, run), address, `${repository} ${run}`);
});

test("what is no SHA leads nowhere, its repository does", () => {
	for (const sha of ["", "123", "../../x", '"><b>', "z".repeat(40)]) assert.equal(commitAddress("https://github.com/a/b", sha), null, sha);
	assert.equal(repositoryAddress("https://github.com/a/b"), "https://github.com/a/b");
});

test("a name that cannot be seen is named by its characters, and no name turns its surroundings round", () => {
	assert.equal(visible("checkout"), "checkout");
	assert.equal(visible("\u200b\u200d"), "U+200B U+200D");
	assert.equal(visible("\u200b".repeat(9)), "U+200B U+200B U+200B U+200B …");
	assert.equal(visible("\u202eevil\u2066 x\u2069\u202c"), "evil x");
	assert.equal(visible("مرحبا"), "مرحبا");
});

test("values are counted no further than asked", () => {
	assert.equal(countValues({ a: 1, b: [1, 2, { c: null }] }, 100), 4);
	assert.ok(countValues({ a: Array(100_000).fill(1) }, 41) <= 42);
});

const item = (id: string, state = "") => ({ id, state });

test("the fresh first page over what is shown", () => {
	const shown = [item("5"), item("4"), item("3"), item("2"), item("1")];
	const ids = (items: { id: string }[]) => items.map(({ id }) => id).join("");
	const page = (fresh: { id: string; state: string }[], next: string | null) => ({ items: fresh, next_cursor: next });
	assert.equal(ids(overlay(page([item("6"), item("5"), item("4")], "4"), shown)), "654321", "a new one comes first");
	assert.equal(overlay(page([item("5"), item("4", "failed")], "4"), shown)[1]!.state, "failed", "a known one changes in place");
	assert.equal(ids(overlay(page([item("5"), item("3")], "3"), shown)), "5321", "one that matches no longer goes");
	assert.equal(ids(overlay(page([item("5")], null), shown)), "5", "the only page is all there is");
	assert.equal(ids(overlay(page([item("2"), item("4")], "4"), shown)), "54321", "another order says nothing of what is left out");
});
