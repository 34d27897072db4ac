/* A store in which every page has something to show, with the caller's texts in every field that takes one; and all pages, with what can be opened on them. */
import { strict as assert } from "node:assert";
import { build, deploy, Fields, get_ok, read_table } from "./api";
import { FIELDS, is_texty } from "./fields";
import { create_channel, prefer, settled, World } from "./notifications";
import { make_key, make_token, make_user, Person, person } from "./people";
import { Server, unique } from "./server";

/* The text for a field of that many characters. */
export type Word = (field: string, limit: number) => string;

/* Texts as pipelines send them. */
export const PLAIN: Word = (field, limit) => {
	const name = field.replace(/^.*\./, "");
	if (/_url$/.test(name)) return `https://ci.example.com/${name}/7`;
	if (/_email$/.test(name)) return "ada@example.com";
	if (name === "scm_sha") return "9f2c1e7a4b5d6e7f8091a2b3c4d5e6f708192a3b";
	if (name === "scm_repository") return "https://github.com/example/checkout";
	if (name === "error_message") return "the health check failed:\n  3 of 3 instances gave no answer\n".repeat(12);
	return name.replaceAll("_", "-").slice(0, limit);
};

export interface Filled {
	admin: Person;
	deployment: string; /* failed, with an error */
	version: string;
	product: string;
	environments: string[]; /* names */
	channel: string; /* has a delivery that is dead */
	delivery: string;
}

const HOUR = 3_600_000;
const ago = (hours: number): string => new Date(Date.now() - hours * HOUR).toISOString();

/* Every text of an event. */
function texts_of(kind: "deployment" | "build", word: Word): Fields {
	const texts = FIELDS[kind].filter((field) => is_texty(field)).map((field) => [field.name, word(`${kind}.${field.name}`, field.limit)]);
	const metadata = { [word("metadata.name", 100)]: word("metadata.text", 500), inner: { [word("metadata.inner", 100)]: [word("metadata.entry", 100), 1, null, {}] } };
	const rule = { rule_name: word("rule.name", 100), rule_type: word("rule.type", 100), status: "report_only", evaluation_result: "failed" };
	const preflight_status = { rules_evaluated: [{ ...rule, error_message: word("rule.error", 200) }] };
	return { ...Object.fromEntries(texts), extra_metadata: { ...metadata, preflight_status } };
}

async function patch(server: Server, target: string, body: Fields): Promise<void> {
	const answer = await server.request("PATCH", target, { body });
	assert.equal(answer.status, 200, answer.text);
}

/* What a destination answers is shown in the settings. */
async function fill_notifications(world: World, word: Word, product: string, environment: string): Promise<string> {
	const { server, receiver } = world;
	const path = `/${unique("gone")}`;
	receiver.always(path, { status: 400, body: word("channel.answer", 200) });
	const headers = { "X-Team": "money" };
	const channel = await create_channel(server, "webhook", { url: receiver.url(path), headers }, { name: word("channel.name", 255) });
	await prefer(server, channel.id, "deployment.*", { products: [product], environments: [environment, word("preference.environment", 255)], statuses: ["failed", "success"] });
	await prefer(server, channel.id, "*", { products: [word("preference.product", 255)], environment_types: ["production"] }, { enabled: false });
	await create_channel(server, "slack_bot", { token: "xoxb-123456789012-abcdefghijkl", channel: "#releases" }, { name: word("channel.slack", 255), enabled: false });
	await create_channel(server, "email", { to: ["ops@example.com"] }, { name: word("channel.email", 255) });
	return channel.id;
}

async function fill_people(server: Server, word: Word): Promise<Person> {
	const admin = await person(server, "admin", { name: word("user.name", 255) });
	await make_user(server, { name: word("user.other", 255), role: "developer" });
	await make_token(admin, { name: word("token.name", 255), expires_in_days: 30 });
	await make_key(server, ["events", "read"], { name: word("key.name", 255) });
	const revoked = await make_key(server, ["admin"], { name: word("key.revoked", 255) });
	assert.equal((await server.request("DELETE", `/api-keys/${revoked.id}`)).status, 204);
	return admin;
}

export async function fill(world: World, word: Word): Promise<Filled> {
	const { server } = world;
	const build_texts = texts_of("build", word), texts = texts_of("deployment", word);
	const first = { ...texts, product_name: build_texts.product_name, version: build_texts.version };
	const product = String(build_texts.product_name), environments = ["staging", String(texts.environment_name)];
	const channel = await fill_notifications(world, word, product, environments[1]);
	const admin = await fill_people(server, word);
	const { product_id } = await build(server, { ...build_texts, status: "failed", occurred_at: ago(60) });
	await build(server, { ...build_texts, status: "success", build_number: "8", invoke_id: "8", occurred_at: ago(59) });
	for (const [i, environment_name] of environments.entries()) await deploy(server, { ...first, environment_name, status: "success", occurred_at: ago(50 - i) });
	await deploy(server, { ...first, environment_name: environments[0], version: "2.0.0", invoke_id: "9", status: "success", started_at: ago(30), occurred_at: ago(29) });
	await deploy(server, { ...first, environment_name: environments[0], invoke_id: "10", status: "success", started_at: ago(20), occurred_at: ago(19) }); // a rollback
	await deploy(server, { ...first, environment_name: environments[0], version: "2.0.0", invoke_id: "11", status: "started", occurred_at: ago(2) });
	const failed = { ...first, version: texts.version, environment_name: environments[1], invoke_id: texts.invoke_id, started_at: ago(1.5), occurred_at: ago(1) };
	const { id } = await deploy(server, { ...failed, status: "failed" });
	await deploy(server, { ...texts, version: "1.0.0", environment_name: environments[0], build_number: undefined, deploy_url: undefined, status: "success" });
	await build(server, { ...build_texts, product_name: texts.product_name, build_number: undefined, status: "success" });
	const extra_metadata = { [word("product.metadata", 100)]: word("product.metadata_text", 100) };
	await patch(server, `/products/${product_id}`, { description: word("product.description", 1000), extra_metadata });
	const { version_id } = await get_ok(server, `/deployments/${id}`);
	const deliveries = await settled(server, channel);
	return { admin, deployment: id, version: version_id, product: product_id, environments, channel, delivery: deliveries[0].id };
}

/* The tabs of an admin's settings, in their order. */
export const SETTINGS = ["profile", "tokens", "channels", "preferences", "deliveries", "keys", "users", "audit"];
/* Pages that are no pages of the dashboard, or lead to one. */
const APART = ["/assets/{name}", "/docs", "/licenses.txt", "/openapi.json", "/redoc", "/settings"];

/* Every page, by what it shows. */
export function pages_of({ deployment, version, product, environments: [from, to], channel, delivery }: Filled): Record<string, string> {
	const pages: Record<string, string> = {
		matrix: "/",
		"the matrix as it was": `/?at=${ago(10)}`,
		activity: "/activity",
		deployments: "/manage/deployments",
		"one deployment": `/manage/deployments?view=${deployment}`,
		versions: "/manage/versions",
		"one version": `/manage/versions?view=${version}`,
		"one version, by its older address": `/manage/catalog?tab=versions&view=${version}`,
		products: "/manage/products",
		"one product": `/manage/products?view=${product}`,
		difference: `/manage/diff?${new URLSearchParams({ from, to, all: "1" })}`,
		login: "/login",
		"setup without a link": "/setup",
		setup: `/setup#default.${"x".repeat(43)}`,
	};
	pages["one channel"] = `/settings/channels?view=${channel}`;
	pages["one delivery"] = `/settings/deliveries?view=${delivery}`;
	for (const tab of SETTINGS) pages[`settings, ${tab}`] = `/settings/${tab}`;
	return pages;
}

/* A page that is added to the routes is added here, too. */
export function assert_all_pages(pages: Record<string, string>): void {
	const routes = read_table("routes.tsv").filter((row) => row.permission === "page" && !APART.includes(row.path)).map((row) => row.path);
	const paths = Object.values(pages).map((path) => path.replace(/[?#].*/, "").replace(/^\/settings\/.*/, "/settings/{tab}"));
	assert.deepEqual([...new Set(paths)].sort(), routes.sort());
}
