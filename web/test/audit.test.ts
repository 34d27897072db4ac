// The audit log: what an entry has changed, and its words.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import type { AuditEntry } from "../src/api/types";
import { actorFilter, actorWords } from "../src/pages/settings/actor";
import { differenceOf, valueText } from "../src/pages/settings/audit/audit_difference";
import { actionIcon, actionWords, ACTIONS, credentialWords, namesSubject } from "../src/pages/settings/audit/audit_words";

type Values = Record<string, unknown> | null;

const lines = (before: Values, after: Values) => differenceOf(before, after).changes.map(({ field, was, is }) => [field, was, is]);

test("a difference has the fields that differ, nested ones by their path", () => {
	const cases: [string, Values, Values, unknown[][]][] = [
		["nothing", null, null, []],
		["new", null, { name: "a", active: true }, [["name", undefined, "a"], ["active", undefined, true]]],
		["deleted", { name: "a" }, null, [["name", "a", undefined]]],
		["changed", { description: "one" }, { description: "two" }, [["description", "one", "two"]]],
		["to nothing is not gone", { description: "one" }, { description: null }, [["description", "one", null]]],
		["the same", { a: 1 }, { a: 1 }, []],
		["only one side names it", { a: 1 }, { b: 2 }, [["a", 1, undefined], ["b", undefined, 2]]],
		[
			"nested: only what differs",
			{ extra: { team: "money", deep: { x: 1, y: [1] } } },
			{ extra: { team: "cash", deep: { y: [1], x: 1, z: null } } },
			[["extra.team", "money", "cash"], ["extra.deep.z", undefined, null]],
		],
		["the order of members does not count", { a: [{ x: 1, y: 2 }] }, { a: [{ y: 2, x: 1 }] }, []],
		["the order of entries does", { a: [1, 2] }, { a: [2, 1] }, [["a", [1, 2], [2, 1]]]],
		["object to text", { a: { b: 1 } }, { a: "text" }, [["a", { b: 1 }, "text"]]],
		["object to nothing", { a: { b: 1 } }, { a: null }, [["a", { b: 1 }, null]]],
		["a new object, by its members", {}, { a: { b: 1, c: 2 } }, [["a.b", undefined, 1], ["a.c", undefined, 2]]],
		["an empty object is a value", {}, { a: {} }, [["a", undefined, {}]]],
		["a member without a name", { a: { "": 1 } }, { a: { "": 2 } }, [["a.(no name)", 1, 2]]],
		["1 is not \"1\"", { a: 1 }, { a: "1" }, [["a", 1, "1"]]],
	];
	for (const [what, before, after, wanted] of cases) assert.deepEqual(lines(before, after), wanted, what);
});

test("names that objects have by birth are a sender's names like others", () => {
	const before = JSON.parse('{"extra": {"a": 1}}') as Values;
	const after = JSON.parse('{"extra": {"a": 1, "__proto__": {"x": 1}, "constructor": 2, "toString": 3}}') as Values;
	const found = lines(before, after);
	assert.deepEqual(found.map(([field]) => field), ["extra.__proto__.x", "extra.constructor", "extra.toString"]);
	assert.deepEqual(lines({ a: {} }, { a: { toString: 1 } }), [["a.toString", undefined, 1]]);
});

test("what is very wide or very deep ends", () => {
	const wide = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, i]));
	const { changes, left } = differenceOf(null, wide);
	assert.equal(changes.length + left, 500);
	assert.ok(changes.length <= 100 && left > 0);
	let deep: Record<string, unknown> = { end: 1 };
	for (let i = 0; i < 200; i++) deep = { d: deep };
	const [only] = differenceOf({ a: 1 }, { a: 1, deep }).changes;
	assert.match(only!.field, /^deep(\.d){1,9}$/);
});

test("a value in words", () => {
	const cases: [unknown, string][] = [["text", "text"], ["", "empty text"], [null, "nothing"], [true, "yes"], [false, "no"], [0, "0"], [["a", 1], '["a",1]']];
	for (const [value, wanted] of cases) assert.equal(valueText(value), wanted);
});

const entry = (action: string, actor: string, name: string | null) =>
	({ action, actor, subject: { type: action.split(".")[0], id: "i", name } }) as unknown as AuditEntry;

test("every action of the server has its words", () => {
	const source = readFileSync("../src/actions/audit.c", "utf8");
	const table = /ACTIONS\[\] = \{([^}]*)\}/.exec(source.replaceAll(/\/\*.*?\*\//g, ""));
	const known = [...(table?.[1] ?? "").matchAll(/"([a-z_]+\.[a-z_]+)"/g)].map(([, action]) => action);
	assert.ok(known.length > 20, "the table of actions is not where it was");
	assert.deepEqual([...ACTIONS].sort(), known.sort());
	for (const action of ACTIONS) {
		assert.doesNotMatch(actionWords(action), /[._]|undefined/, action);
		assert.notEqual(actionIcon(entry(action, "", null)), "edit", action);
	}
	assert.equal(actionWords("product.updated"), "changed product");
	assert.equal(actionWords("lock.opened_twice"), "opened twice lock");
});

test("a subject that is the actor is not named twice", () => {
	assert.equal(namesSubject(entry("session.login", "user:ada@example.com", "ada@example.com")), false);
	assert.equal(namesSubject(entry("user.updated", "user:ada@example.com", "ada@example.com")), true);
	assert.equal(namesSubject(entry("product.updated", "api_key:k1", "checkout")), true);
	assert.equal(namesSubject(entry("product.updated", "api_key:k1", null)), false);
});

test("actors and credentials in words, and back into a filter", () => {
	assert.equal(actorWords("user:ada@example.com"), "ada@example.com");
	assert.equal(actorWords("api_key:k12"), "API key k12");
	assert.equal(actorWords("versioner"), "versioner");
	assert.equal(credentialWords("session:01a20af6"), "session");
	assert.equal(credentialWords("token:01a20af6"), "personal token");
	assert.equal(credentialWords("api_key:k2"), "API key k2");
	assert.equal(credentialWords("command line"), "command line");
	const cases: [string, string][] = [
		["", ""],
		["Ada@example.com", "user:ada@example.com"],
		["user:ada@example.com", "user:ada@example.com"],
		["k3", "api_key:k3"],
		["K3, ada@example.com", "api_key:k3,user:ada@example.com"],
		["versioner", "versioner"],
		["admin command", "admin command"],
	];
	for (const [typed, wanted] of cases) assert.equal(actorFilter(typed), wanted);
});
