/* Two accounts never see each other's rows: every route is called with another account's ids, names, filters, cursors and keys. */
import { after, before, describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { Accounts, KEYED, NDJSON, ONLY, password_of, PERSON, rows_of_others, Who, WHO, WORDS } from "./accounts";
import { list_all, NOT_FOUND, read_table } from "./api";
import { Answer, random_alnum, Server } from "./server";
import { listening } from "./stream";

const a = new Accounts();
const ROUTES = read_table("routes.tsv").filter(({ permission }) => permission !== "page").map(({ method, path }) => `${method} ${path}`);

/* What a route is asked by each of the two. */
interface Case {
	stranger: () => Promise<void>; /* has the victim's ids */
	twin: () => Promise<void>; /* has rows with the same ids */
}

const noun_of = (path: string): string => path.split("/")[1];
const ids_of = (path: string): string[] => a.ids[noun_of(path)];
const ids_in = (answer: Answer): string[] => answer.json.items.map(({ id }: any) => id);

function assert_not_found(answer: Answer, what: string): void {
	assert.equal(answer.status, 404, `${what}: ${answer.text}`);
	assert.deepEqual(answer.json, NOT_FOUND);
}

/* The twin sees what the victim sees, in its own words. */
async function assert_own_words(target: string): Promise<void> {
	const [victim, twin] = [await a.get("victim", target), await a.get("twin", target)];
	assert.equal(victim.status, 200, `${target}: ${victim.text}`);
	const items = (victim.json.items ?? []).map(({ id, product_id }: any) => id ?? product_id);
	assert.equal(new Set(items).size, items.length, `${target}: an item is there twice`);
	assert.equal(twin.text, victim.text.replaceAll(WORDS.victim, WORDS.twin), target);
}

/* ---- reading ---- */

function single(path: string): Case {
	const targets = (): string[] => ids_of(path).map((id) => path.replace("{id}", id));
	return {
		stranger: async () => {
			for (const target of targets()) assert_not_found(await a.get("stranger", target), target);
		},
		twin: async () => {
			for (const target of targets()) await assert_own_words(target);
		},
	};
}

const LISTS: Record<string, { by_id: Record<string, string>; by_text?: string[] }> = {
	"/products": { by_id: { name: "products" } },
	"/environments": { by_id: { name: "environments" } },
	"/versions": { by_id: { product: "products", version: "versions", name: "versions" } },
	"/deployments": { by_id: { product: "products", environment: "environments", version: "versions" }, by_text: ["deployed_by"] },
	"/builds": { by_id: { product: "products", version: "versions" }, by_text: ["built_by"] },
	"/events": { by_id: { product: "products", environment: "environments", deployment: "deployments", build: "builds" } },
	"/notification-channels": { by_id: { name: "notification-channels" } },
	"/notification-preferences": { by_id: { channel: "notification-channels" } },
	"/users": { by_id: {} },
	"/api-keys": { by_id: {} },
	"/notification-history": { by_id: { channel: "notification-channels", deployment: "deployments", build: "builds" } },
};

function list(path: string): Case {
	const { by_id, by_text = [] } = LISTS[path];
	const filters = (): string[] => [
		...Object.entries(by_id).flatMap(([name, noun]) => a.ids[noun].map((id) => `${path}?${name}=${id}`)),
		...by_text.map((name) => `${path}?${name}=${WORDS.victim}`),
	];
	const cursors = (): string[] => ids_of(path).flatMap((id) => [`${path}?cursor=${id}&limit=1`, `${path}?cursor=${id}&limit=200`]);
	return {
		stranger: async () => {
			const own = (await list_all({ get: (target: string) => a.get("stranger", target) } as Server, path, { limit: 1 })).map(({ id }) => id);
			assert.ok(own.length > 0);
			for (const target of filters()) assert.deepEqual(ids_in(await a.get("stranger", target)), [], target);
			for (const target of cursors()) for (const id of ids_in(await a.get("stranger", target))) assert.ok(own.includes(id), target);
		},
		twin: async () => {
			for (const target of [path, `${path}?limit=1`, ...filters().filter((target) => !target.includes(WORDS.victim)), ...cursors()]) await assert_own_words(target);
		},
	};
}

const matrix: Case = {
	stranger: async () => {
		const whole = (await a.get("stranger", "/environment-state/")).json;
		assert.ok(whole.items.length > 0 && whole.environments.length > 0);
		for (const at of ["", "&at=2999-01-01T00:00:00Z"]) {
			for (const id of a.ids.products) assert.deepEqual((await a.get("stranger", `/environment-state/?product=${id}${at}`)).json.items, []);
			for (const id of a.ids.environments) {
				const { items, environments } = (await a.get("stranger", `/environment-state/?environment=${id}${at}`)).json;
				assert.deepEqual([environments, items], [[], []]);
			}
		}
	},
	twin: async () => {
		for (const at of ["at=2999-01-01T00:00:00Z", ""]) {
			await assert_own_words(`/environment-state/?${at}`);
			for (const id of a.ids.products) await assert_own_words(`/environment-state/?product=${id}&${at}`);
			for (const id of a.ids.environments) await assert_own_words(`/environment-state/?environment=${id}&${at}`);
		}
	},
};

const matrix_diff: Case = {
	stranger: async () => {
		for (const id of a.ids.environments) for (const target of [`from=${id}&to=dev`, `from=dev&to=${id}`]) assert_not_found(await a.get("stranger", `/environment-state/diff?${target}`), target);
		for (const id of a.ids.products) assert.deepEqual((await a.get("stranger", `/environment-state/diff?from=dev&to=production&product=${id}`)).json.items, []);
	},
	twin: async () => {
		for (const from of a.ids.environments) for (const to of ["dev", "production"]) await assert_own_words(`/environment-state/diff?from=${from}&to=${to}`);
		for (const id of a.ids.products) await assert_own_words(`/environment-state/diff?from=dev&to=production&product=${id}`);
	},
};

/* The chain's hashes are bound to the account, so the twin has others. */
const audit_log: Case = {
	stranger: async () => {
		const own = (await a.get("stranger", "/audit-log?limit=200")).json.items.map(({ number }: any) => number);
		assert.ok(own.length > 0);
		for (const id of Object.values(a.ids).flat()) assert.deepEqual((await a.get("stranger", `/audit-log?subject=${id}`)).json.items, [], id);
		for (const { number } of (await a.get("victim", "/audit-log?limit=200")).json.items)
			for (const shown of (await a.get("stranger", `/audit-log?cursor=${number}`)).json.items) assert.ok(own.includes(shown.number) && shown.number < number);
	},
	twin: async () => {
		const without = ({ json }: Answer): string => JSON.stringify(json, (key, value) => (key.endsWith("hash") ? undefined : value));
		for (const target of ["/audit-log?limit=200", "/audit-log?limit=1", "/audit-log?action=product.deleted", ...a.ids.products.map((id) => `/audit-log?subject=${id}`)]) {
			const [victim, twin] = [await a.get("victim", target), await a.get("twin", target)];
			assert.equal(victim.status, 200, victim.text);
			assert.equal(without(twin), without(victim).replaceAll(WORDS.victim, WORDS.twin), target);
		}
	},
};

/* ---- what is of the process ---- */

const of_no_account = (path: string): Case => {
	const assert_nothing = async (who: Who): Promise<void> => assert.equal((await a.get(who, path)).status, 200);
	return { stranger: () => assert_nothing("stranger"), twin: () => assert_nothing("twin") };
};

/* Numbers of the server process, over all accounts: no label names anything of one. */
const metrics: Case = {
	stranger: async () => {
		const { text } = await a.get("stranger", "/metrics");
		const labels = new Set([...text.matchAll(/([a-z_]+)="/g)].map(([, label]) => label));
		const of_the_process = ["channel_type", "engine", "from", "le", "method", "outcome", "reason", "result", "route", "status", "type", "version"];
		assert.ok(labels.size > 0);
		assert.deepEqual([...labels].filter((label) => !of_the_process.includes(label)), []);
		for (const [, route] of text.matchAll(/route="([^"]*)"/g)) assert.ok(route === "" || ROUTES.some((known) => known.endsWith(` ${route}`)), route);
	},
	twin: () => of_no_account("/metrics").twin(),
};

/* ---- writing ---- */

/* Bodies that change something, by path. */
const CHANGES: Record<string, unknown> = {
	"/products/{id}": { description: "changed" },
	"/environments/{id}": { description: "changed" },
	"/notification-channels/{id}": { name: `renamed ${random_alnum(8)}`, enabled: false },
	"/notification-preferences/{id}": { enabled: false },
	"/users/{id}": { name: "changed", role: "viewer", active: false },
};

function write(method: string, path: string, expected: number): Case {
	const target = (id: string): string => path.replace("{id}", id);
	return {
		stranger: async () => {
			for (const id of ids_of(path)) assert_not_found(await a.ask("stranger", method, target(id), CHANGES[path]), `${method} ${target(id)}`);
		},
		twin: async () => {
			const [id] = ids_of(path);
			const answer = await a.ask("twin", method, target(id), CHANGES[path]);
			assert.equal(answer.status, expected, answer.text);
			assert.notEqual((await a.get("twin", target(id))).text, (await a.get("victim", target(id))).text.replaceAll(WORDS.victim, WORDS.twin), "the twin's own row changed");
		},
	};
}

const preference_change: Case = {
	stranger: async () => {
		await write("PATCH", "/notification-preferences/{id}", 200).stranger();
		for (const channel_id of a.ids["notification-channels"])
			for (const id of a.own["notification-preferences"]) assert.equal((await a.ask("stranger", "PATCH", `/notification-preferences/${id}`, { channel_id })).status, 422);
	},
	twin: () => write("PATCH", "/notification-preferences/{id}", 200).twin(),
};

/* A name that the stranger has too is taken; one that the victim alone has is free. */
function create(path: string, body: object): Case {
	const make = async (who: Who, name: string, status: number): Promise<void> => {
		const answer = await a.ask(who, "POST", path, { ...body, name });
		assert.equal(answer.status, status, answer.text);
	};
	return {
		stranger: () => make("stranger", `hand-${WHO.victim.account}`, 201),
		twin: async () => {
			await make("twin", `hand-${WHO.victim.account}`, 409); /* the twin has one of that name */
			await make("twin", `hand-${WHO.stranger.account}`, 201);
		},
	};
}

const preference_create: Case = {
	stranger: async () => {
		for (const channel_id of a.ids["notification-channels"]) {
			const answer = await a.ask("stranger", "POST", "/notification-preferences/", { channel_id, event_type: "*" });
			assert.equal(answer.status, 422, answer.text);
		}
	},
	twin: async () => assert.equal((await a.ask("twin", "POST", "/notification-preferences/", { channel_id: a.ids["notification-channels"][0], event_type: "build.*" })).status, 201),
};

/* The victim's open run and its Idempotency-Key, by somebody else. */
function events(path: string): Case {
	const key = { "Idempotency-Key": "same-key-1.0" };
	return {
		stranger: async () => {
			const sent = await a.ask("stranger", "POST", path, { ...ONLY(WHO.victim.account), status: "success" });
			assert.equal(sent.status, 200, sent.text);
			const again = await a.ask("stranger", "POST", path, { ...ONLY(WHO.victim.account), status: "success" }, { headers: { "Idempotency-Key": `same-${path}` } });
			assert.equal(again.headers["idempotency-replayed"], undefined);
			const keyed = await a.ask("stranger", "POST", path, { ...KEYED(WORDS.stranger, "1.0") }, { headers: key });
			const is_own_first = path === "/build-events" && keyed.headers["idempotency-replayed"] === "true" && a.own.builds.includes(keyed.json.id);
			assert.ok(keyed.status === 422 || is_own_first, `the stranger's own first request: ${keyed.text}`);
		},
		twin: async () => {
			const first = await a.ask("twin", "POST", "/build-events/", KEYED(WORDS.victim, "1.0"), { headers: { "Idempotency-Key": "same-key-1.0" } });
			assert.ok(first.status === 200 || first.status === 422, first.text);
			const sent = await a.ask("twin", "POST", path, { ...ONLY(WHO.victim.account), status: "success", scm_sha: "b".repeat(40), scm_repository: "acme/only" });
			assert.equal(sent.status, 200, sent.text);
		},
	};
}

const bulk: Case = {
	stranger: () => send_bulk("stranger"),
	twin: () => send_bulk("twin"),
};

async function send_bulk(who: Who): Promise<void> {
	const lines = ["deployment", "build"].map((kind) => JSON.stringify({ kind, ...ONLY(WHO.victim.account), status: "failed" })).join("\n");
	const answer = await a.ask(who, "POST", "/events/bulk", lines, { headers: NDJSON });
	assert.deepEqual(answer.text.trim().split("\n").map((line) => JSON.parse(line).status), [200, 200], answer.text);
}

const channel_test: Case = {
	stranger: () => write("POST", "/notification-channels/{id}/test", 200).stranger(),
	twin: async () => {
		for (const id of a.ids["notification-channels"]) assert.equal((await a.ask("twin", "POST", `/notification-channels/${id}/test`)).status, 200);
		await a.receiver.wait(`/${WORDS.twin}`, 1);
	},
};

const retry: Case = {
	stranger: () => write("POST", "/notification-history/{id}/retry", 200).stranger(),
	twin: async () => {
		const [dead] = (await a.get("twin", "/notification-history/?state=dead")).json.items;
		const before = a.receiver.at(`/${WORDS.twin}-refused`).length;
		const answer = await a.ask("twin", "POST", `/notification-history/${dead.id}/retry`);
		assert.equal(answer.status, 200, answer.text);
		await a.receiver.wait(`/${WORDS.twin}-refused`, before + 1);
		assert.equal((await a.get("victim", `/notification-history/${dead.id}`)).json.state, "dead");
	},
};

/* ---- people ---- */

const each = (one: (who: Who) => Promise<void>): Case => ({ stranger: () => one("stranger"), twin: () => one("twin") });

/* From the first event on: without a filter, and with the victim's ids. The one without says when the others would have been told. */
const stream: Case = each(async (who) => {
	const first = { key: a.keys[who], last_id: "elsewhere-0-00000000-0000-7000-8000-000000000000" };
	await listening(async (listen) => {
		const [all, ...filtered] = await Promise.all(["", `product=${a.ids.products.slice(0, 20).join()}`, `environment=${a.ids.environments.slice(0, 20).join()}`].map((query) => listen(a.server, { ...first, query })));
		const own = ids_in(await a.get(who, "/events?limit=200"));
		await all.has(own);
		assert.deepEqual(all.ids().sort(), own.sort());
		for (const listener of filtered) assert.ok(listener.ids().every((id) => own.includes(id)));
		if (who === "stranger") assert.deepEqual(filtered.map(({ told }) => told.length), [0, 0]);
		const words = JSON.stringify([all, ...filtered].map(({ told }) => told));
		for (const other of Object.keys(WORDS) as Who[]) assert.equal(words.includes(WORDS[other]), other === who, `${who} hears ${other}`);
	});
});

/* But for when each was used, which those who ask have changed. */
const api_keys: Case = {
	stranger: () => list("/api-keys").stranger(),
	twin: async () => {
		const words = async (who: Who): Promise<string> => JSON.stringify((await a.get(who, "/api-keys")).json, (name, value) => (name === "last_used_at" ? null : value));
		assert.equal(await words("twin"), (await words("victim")).replaceAll(WORDS.victim, WORDS.twin));
	},
};

const own_session = each(async (who) => {
	for (const answer of [await a.by(who, "GET", "/session"), await a.get(who, "/session"), await a.get(who, "/session", { key: a.people[who].token })]) {
		assert.equal(answer.status, 200, answer.text);
		assert.equal(answer.json.account.slug, WHO[who].slug);
		assert.ok(answer.json.user === null || (answer.json.user.email === PERSON && answer.json.user.name === WORDS[who]));
	}
});

const login = each(async (who) => {
	const ask = (account: string | undefined, password: string) => a.ask(who, "POST", "/session", { email: PERSON, password, account });
	const answer = await ask(WHO[who].slug, password_of(who));
	assert.equal(answer.status, 200, answer.text);
	assert.deepEqual([answer.json.account.slug, answer.json.user.name], [WHO[who].slug, WORDS[who]]);
	const cookie = answer.headers["set-cookie"]![0].split(";")[0];
	assert.equal((await a.get(who, "/session", { key: null, headers: { cookie } })).json.account.slug, WHO[who].slug);
	const [own_elsewhere, others_here] = [["default", password_of("stranger")], [WHO.stranger.slug, password_of("victim")]];
	for (const [account, password] of [own_elsewhere, others_here]) assert.equal((await ask(account, password)).status, 401);
});

/* A link is of the account that stands before its dot. */
const use_link = each(async (who) => {
	const { url } = (await a.ask(who, "POST", `/users/${(who === "stranger" ? a.own : a.ids).users[0]}/password-link`)).json;
	const [slug, secret] = url.slice(url.indexOf("#") + 1).split(".");
	assert.equal(slug, WHO[who].slug);
	for (const other of Object.values(WHO).filter((account) => account.slug !== slug)) assert.equal((await a.ask(who, "POST", "/session/password", { token: `${other.slug}.${secret}`, password: "a good password" })).status, 401);
	const answer = await a.ask(who, "POST", "/session/password", { token: `${slug}.${secret}`, password: "a good password" });
	assert.equal(answer.status, 200, answer.text);
	assert.equal(answer.json.account.slug, slug);
});

const change_self = each(async (who) => {
	const password = `${password_of(who)} anew`;
	const answer = await a.by(who, "PATCH", "/session", { name: "changed", current_password: password_of(who), password });
	assert.equal(answer.status, 200, answer.text);
	assert.equal((await a.get("victim", "/session", { key: null, headers: { cookie: a.people.victim.browser.cookie } })).status, 200, "another account's session of the same user id");
});

const log_out = each(async (who) => {
	assert.equal((await a.by(who, "DELETE", "/session")).status, 204);
	assert.equal((await a.by(who, "GET", "/session")).status, 401);
	assert.equal((await a.by("victim", "GET", "/session")).status, 200);
});

const user_create: Case = {
	stranger: async () => assert.equal((await a.ask("stranger", "POST", "/users", { email: `hand-${WHO.victim.account}@example.com`, role: "viewer" })).status, 201),
	twin: async () => {
		assert.equal((await a.ask("twin", "POST", "/users", { email: `hand-${WHO.victim.account}@example.com`, role: "viewer" })).status, 409);
		assert.equal((await a.ask("twin", "POST", "/users", { email: `hand-${WHO.stranger.account}@example.com`, role: "viewer" })).status, 201);
	},
};

const user_link: Case = {
	stranger: () => write("POST", "/users/{id}/password-link", 201).stranger(),
	twin: async () => {
		for (const id of a.ids.users) assert.match((await a.ask("twin", "POST", `/users/${id}/password-link`)).json.url, /#twin\./);
	},
};

const key_create = each(async (who) => {
	const answer = await a.ask(who, "POST", "/api-keys", { name: "new", scopes: ["read"] });
	assert.equal(answer.status, 201, answer.text);
	assert.ok(answer.json.key.startsWith(`sk_${WHO[who].slug}_`));
	assert.equal((await a.get(who, "/session", { key: answer.json.key })).json.account.slug, WHO[who].slug);
});

const key_revoke: Case = {
	stranger: () => write("DELETE", "/api-keys/{id}", 204).stranger(),
	twin: async () => {
		for (const id of a.ids["api-keys"]) assert.equal((await a.ask("twin", "DELETE", `/api-keys/${id}`)).status, 204);
		for (const key of (await a.get("victim", "/api-keys")).json.items) assert.equal(key.revoked_at, null);
	},
};

const tokens: Case = {
	stranger: async () => {
		const own = (await a.by("stranger", "GET", "/personal-tokens")).json.items.map(({ id }: any) => id);
		assert.ok(own.length > 0);
		for (const id of a.ids["personal-tokens"]) for (const shown of ids_in(await a.by("stranger", "GET", `/personal-tokens?cursor=${id}`))) assert.ok(own.includes(shown));
	},
	twin: async () => {
		const words = async (who: Who): Promise<string> => JSON.stringify((await a.by(who, "GET", "/personal-tokens")).json, (name, value) => (name === "last_used_at" ? null : value));
		assert.equal(await words("twin"), (await words("victim")).replaceAll(WORDS.victim, WORDS.twin));
	},
};

const token_create = each(async (who) => {
	const answer = await a.by(who, "POST", "/personal-tokens", { name: "new" });
	assert.equal(answer.status, 201, answer.text);
	assert.equal((await a.get(who, "/session", { key: answer.json.token })).json.account.slug, WHO[who].slug);
});

const token_revoke: Case = {
	stranger: async () => {
		for (const id of a.ids["personal-tokens"]) assert_not_found(await a.by("stranger", "DELETE", `/personal-tokens/${id}`), id);
	},
	twin: async () => {
		for (const id of a.ids["personal-tokens"]) assert.equal((await a.by("twin", "DELETE", `/personal-tokens/${id}`)).status, 204);
		assert.equal((await a.get("twin", "/session", { key: a.people.twin.token })).status, 401);
		assert.equal((await a.get("victim", "/session", { key: a.people.victim.token })).status, 200);
	},
};

const CASES: Record<string, Case> = {
	"GET /products": list("/products"),
	"GET /environments": list("/environments"),
	"GET /versions": list("/versions"),
	"GET /deployments": list("/deployments"),
	"GET /builds": list("/builds"),
	"GET /events": list("/events"),
	"GET /notification-channels": list("/notification-channels"),
	"GET /notification-preferences": list("/notification-preferences"),
	"GET /notification-history": list("/notification-history"),
	"GET /products/{id}": single("/products/{id}"),
	"GET /environments/{id}": single("/environments/{id}"),
	"GET /versions/{id}": single("/versions/{id}"),
	"GET /deployments/{id}": single("/deployments/{id}"),
	"GET /builds/{id}": single("/builds/{id}"),
	"GET /events/{id}": single("/events/{id}"),
	"GET /events/stream": stream,
	"GET /notification-channels/{id}": single("/notification-channels/{id}"),
	"GET /notification-preferences/{id}": single("/notification-preferences/{id}"),
	"GET /notification-history/{id}": single("/notification-history/{id}"),
	"GET /audit-log": audit_log,
	"GET /environment-state": matrix,
	"GET /environment-state/diff": matrix_diff,
	"GET /health": of_no_account("/health"),
	"GET /ready": of_no_account("/ready"),
	"GET /metrics": metrics,
	"POST /deployment-events": events("/deployment-events"),
	"POST /build-events": events("/build-events"),
	"POST /version-events": events("/version-events"),
	"POST /events/bulk": bulk,
	"POST /products": create("/products", {}),
	"POST /environments": create("/environments", {}),
	"POST /notification-channels": create("/notification-channels", { channel_type: "webhook", config: { url: "http://127.0.0.1:9/nowhere" } }),
	"POST /notification-preferences": preference_create,
	"POST /notification-channels/{id}/test": channel_test,
	"POST /notification-history/{id}/retry": retry,
	"PATCH /products/{id}": write("PATCH", "/products/{id}", 200),
	"PATCH /environments/{id}": write("PATCH", "/environments/{id}", 200),
	"PATCH /notification-channels/{id}": write("PATCH", "/notification-channels/{id}", 200),
	"PATCH /notification-preferences/{id}": preference_change,
	"DELETE /notification-preferences/{id}": write("DELETE", "/notification-preferences/{id}", 204),
	"DELETE /notification-channels/{id}": write("DELETE", "/notification-channels/{id}", 204),
	"DELETE /products/{id}": write("DELETE", "/products/{id}", 204),
	"DELETE /environments/{id}": write("DELETE", "/environments/{id}", 204),
	"GET /users": list("/users"),
	"GET /users/{id}": single("/users/{id}"),
	"GET /api-keys": api_keys,
	"GET /personal-tokens": tokens,
	"GET /session": own_session,
	"POST /session": login,
	"POST /personal-tokens": token_create,
	"DELETE /personal-tokens/{id}": token_revoke,
	"POST /api-keys": key_create,
	"DELETE /api-keys/{id}": key_revoke,
	"POST /users": user_create,
	"POST /users/{id}/password-link": user_link,
	"POST /session/password": use_link,
	"PATCH /users/{id}": write("PATCH", "/users/{id}", 200),
	"DELETE /users/{id}": write("DELETE", "/users/{id}", 204),
	"PATCH /session": change_self,
	"DELETE /session": log_out,
};

/* Whatever it does, the rows of all other accounts stay as they are. */
async function untouched(asker: Who, ask: () => Promise<void>): Promise<void> {
	const before = rows_of_others(a.server, asker);
	assert.ok(before.length > 100);
	await ask();
	assert.deepEqual(rows_of_others(a.server, asker), before);
}

describe("accounts", () => {
	before(() => a.start());
	after(() => a.close());

	test("every route has a case", () => assert.deepEqual(Object.keys(CASES).sort(), [...ROUTES].sort()));

	for (const [route, { stranger }] of Object.entries(CASES)) test(`${route}: nothing of another account, with its ids`, () => untouched("stranger", stranger));
	for (const [route, { twin }] of Object.entries(CASES)) test(`${route}: the right one of two with the same id`, () => untouched("twin", twin));

	test("a key counts in its own account alone", async () => {
		for (const { slug } of Object.values(WHO).slice(1)) {
			const key = a.keys.victim.replace("_default_", `_${slug}_`);
			assert.equal((await a.server.get("/products/", { key })).status, 401);
		}
	});

	test("nobody was told of another account's events", () => {
		assert.ok(a.receiver.at(`/${WORDS.twin}`).length > 0);
		assert.deepEqual(a.receiver.received.filter((request) => request.path.includes(WORDS.victim)).map((request) => request.path), []);
		for (const request of a.receiver.received) {
			const word = Object.values(WORDS).find((one) => request.path.includes(one))!;
			for (const other of Object.values(WORDS)) assert.ok(other === word || !request.text.includes(other), `${request.path} was told ${request.text}`);
		}
	});

	test("the whole store agrees with its log", () => a.server.assert_check_is_green());
});
