/* What the tests say about the API in one line: sending events, walking lists, comparing errors. */
import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as path from "node:path";
import { Answer, DATA, RequestOptions, Server, unique } from "./server";

export type Kind = "deployment" | "build";
export type Fields = Record<string, unknown>;
export const KINDS: readonly Kind[] = ["deployment", "build"];
export const EVENT_PATH: Record<Kind, string> = { deployment: "/deployment-events/", build: "/build-events/" };

export const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
export const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

export const DEPLOYMENT_ANSWER = [
	"id", "event_id", "event_type", "product_id", "product_name", "version_id", "version", "environment_id", "environment_name", "status",
	"deployed_at", "started_at", "completed_at", "deploy_url", "build_url", "build_number", "invoke_id", "source_system", "scm_repository",
	"scm_sha", "scm_branch", "deployed_by", "deployed_by_email", "deployed_by_name", "kind", "extra_metadata", "soak_time_hours", "warnings",
];
export const BUILD_ANSWER = [
	"id", "event_id", "event_type", "product_id", "product_name", "version_id", "version", "status", "build_number", "build_url", "started_at",
	"completed_at", "created_at", "scm_repository", "scm_sha", "scm_branch", "built_by", "built_by_email", "built_by_name", "source_system",
	"invoke_id", "error_message", "error_code", "extra_metadata", "warnings",
];

/* Rows of a table of tests/data, as objects. */
export function read_table(name: string): Record<string, string>[] {
	const lines = fs.readFileSync(path.join(DATA, name), "utf8").split("\n").filter((line) => line && !line.startsWith("#"));
	const columns = lines[0].split("\t");
	return lines.slice(1).map((line) => Object.fromEntries(line.split("\t").map((cell, i) => [columns[i], cell])));
}

/* The fewest fields that make an event; a product of its own unless named. */
export function event_of(kind: Kind, fields: Fields = {}): Fields {
	const least: Fields = { product_name: unique("product"), version: "1.0.0", status: "success" };
	if (kind === "deployment") least.environment_name = "production";
	return { ...least, ...fields };
}

export function send(server: Server, kind: Kind, fields: Fields, o: RequestOptions = {}): Promise<Answer> {
	return server.post(EVENT_PATH[kind], event_of(kind, fields), o);
}

/* Sends and gives the record; anything but 200 fails the test. */
export async function record(server: Server, kind: Kind, fields: Fields, o: RequestOptions = {}): Promise<any> {
	const answer = await send(server, kind, fields, o);
	assert.equal(answer.status, 200, answer.text);
	return answer.json;
}

export const deploy = (server: Server, fields: Fields, o: RequestOptions = {}): Promise<any> => record(server, "deployment", fields, o);
export const build = (server: Server, fields: Fields, o: RequestOptions = {}): Promise<any> => record(server, "build", fields, o);

export async function get_ok(server: Server, target: string, o: RequestOptions = {}): Promise<any> {
	const answer = await server.get(target, o);
	assert.equal(answer.status, 200, `${target}: ${answer.text}`);
	return answer.json;
}

/* One of /metrics, with its labels: versioner_reads_total{from="replica"}. */
export async function metric(server: Server, name: string): Promise<number> {
	const { text } = await server.get("/metrics");
	const line = text.split("\n").find((each) => each.startsWith(`${name} `));
	assert.ok(line, name);
	return Number(line.slice(name.length + 1));
}

export function query(values: Record<string, string | number | undefined>): string {
	const given = Object.entries(values).filter(([, value]) => value !== undefined);
	return given.length ? "?" + given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&") : "";
}

/* All items of a list, page by page. */
export async function list_all(server: Server, target: string, filters: Record<string, string | number> = {}): Promise<any[]> {
	const items: any[] = [];
	for (let cursor: string | undefined, page = 0; page < 10_000; page++) {
		const answer = await get_ok(server, target + query({ limit: 200, ...filters, cursor }));
		items.push(...answer.items);
		if (answer.next_cursor === null) return items;
		cursor = answer.next_cursor;
	}
	throw new Error(`${target} never ends`);
}

export const events_of = (server: Server, product: string): Promise<any[]> => list_all(server, "/events/", { product });

/* No event that was acknowledged may be lost. Gives how many events there are. */
export async function assert_all_stored(server: Server, acknowledged: Iterable<string>, filters: Record<string, string> = {}): Promise<number> {
	const stored = new Set((await list_all(server, "/events/", filters)).map((e) => e.id));
	const lost = [...acknowledged].filter((id) => !stored.has(id));
	assert.equal(lost.length, 0, `${lost.length} events were acknowledged and are not there: ${lost.slice(0, 5).join(", ")} …`);
	return stored.size;
}

/* The effects of a product's events, oldest first. */
export async function effects_of(server: Server, product: string): Promise<string[]> {
	return (await events_of(server, product)).map((event) => event.effect).reverse();
}

/* The row of one product in the matrix, with its cells by the environments' names. */
export async function matrix_row(server: Server, product: string, at?: string): Promise<{ drift: boolean; cells: Record<string, any> } | undefined> {
	const matrix = await get_ok(server, "/environment-state/" + query({ product, at }));
	const row = matrix.items.find((item: any) => item.product_name === product);
	if (!row) return undefined;
	const names = new Map<string, string>(matrix.environments.map((e: any) => [e.id, e.name]));
	return { drift: row.drift, cells: Object.fromEntries(Object.entries(row.cells).map(([id, cell]) => [names.get(id), cell])) };
}

export const at_second = (second: number): string => new Date(Date.UTC(2026, 2, 1) + second * 1000).toISOString().replace(".000Z", "Z");
export const stored_second = (second: number): string => new Date(Date.UTC(2026, 2, 1) + second * 1000).toISOString().replace(".000Z", ".000000Z");

/* An error's code and whole body. */
export function assert_error(answer: Answer, status: number, body: unknown): void {
	assert.equal(answer.status, status, answer.text);
	assert.deepEqual(answer.json, body);
	assert.match(answer.headers["content-type"] ?? "", /^application\/json/);
}

export interface FieldError {
	field: string;
	type: string | RegExp;
	msg?: string;
}

/* 422 with exactly these fields, in this order. */
export function assert_field_errors(answer: Answer, expected: FieldError[], place = "body"): void {
	assert.equal(answer.status, 422, answer.text);
	assert.deepEqual(Object.keys(answer.json), ["detail"]);
	assert.deepEqual(answer.json.detail.map((d: any) => d.loc), expected.map((e) => [place, e.field]), answer.text);
	expected.forEach((wanted, i) => {
		const item = answer.json.detail[i];
		assert.deepEqual(Object.keys(item).sort(), ["loc", "msg", "type"]);
		if (wanted.type instanceof RegExp) assert.match(item.type, wanted.type, wanted.field);
		else assert.equal(item.type, wanted.type, wanted.field);
		assert.ok(typeof item.msg === "string" && item.msg.length > 0);
		if (wanted.msg !== undefined) assert.equal(item.msg, wanted.msg, wanted.field);
	});
}

export const missing = (field: string): FieldError => ({ field, type: "value_error.missing", msg: "field required" });
export const no_text = (field: string): FieldError => ({ field, type: "type_error.str", msg: "str type expected" });
export const too_long = (field: string, limit: number): FieldError => ({
	field,
	type: "value_error.any_str.max_length",
	msg: `ensure this value has at most ${limit} characters`,
});
export const control = (field: string): FieldError => ({ field, type: "value_error.str.control" });

export const NOT_FOUND = { detail: "Not found" };
export const INVALID_JSON = { detail: "Invalid JSON in request body" };
export const UNAUTHENTICATED = { detail: "Invalid authentication credentials" };
export const FORBIDDEN = { detail: "You do not have permission to perform this action" };
export const UNAVAILABLE = { detail: "Service temporarily unavailable" };
