/* Every row of the status table and every published example, through the server. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as path from "node:path";
import { assert_field_errors, Kind, KINDS, read_table, record, send } from "./api";
import { DATA, use_server } from "./server";

const ROWS = read_table("status-map.tsv");
const words_of = (kind: Kind): string[] => ROWS.filter((row) => row.kind === kind).map((row) => row.submitted);

describe("status words", () => {
	const server = use_server();

	test("the table is read", () => {
		assert.ok(ROWS.length >= 50);
	});

	for (const row of ROWS) {
		test(`${row.kind}: "${row.submitted}" is ${row.canonical}`, async () => {
			const mixed = [...row.submitted].map((c, i) => (i % 2 ? c.toUpperCase() : c)).join("");
			for (const word of [row.submitted, row.submitted.toUpperCase(), mixed, `  ${row.submitted}\t `, `${row.submitted}\n`]) {
				const answer = await record(server, row.kind as Kind, { status: word });
				assert.equal(answer.status, row.canonical, JSON.stringify(word));
				assert.equal(answer.event_type, row.event_type, JSON.stringify(word));
			}
		});
	}

	for (const kind of KINDS) {
		test(`${kind}: any other word is refused with the list of all accepted ones`, async () => {
			const other = kind === "build" ? ["deploying", "deployed"] : ["building", "built"];
			const wrong = [...other, "preflight_failed", "done", "ok", "succes", "successs", "in progress", "start ed", "erfolgreich", "ſuccess", "1"];
			for (const word of wrong) {
				const answer = await send(server, kind, { status: word });
				assert_field_errors(answer, [{ field: "status", type: "value_error.status" }]);
				const listed = answer.json.detail[0].msg.split(/[^a-z_-]+/);
				for (const accepted of words_of(kind)) assert.ok(listed.includes(accepted), `${accepted} is not in: ${answer.json.detail[0].msg}`);
				for (const foreign of other) assert.ok(!listed.includes(foreign), `${foreign} is in: ${answer.json.detail[0].msg}`);
			}
		});
	}
});

describe("the published example requests", () => {
	const server = use_server();
	const lines = fs.readFileSync(path.join(DATA, "example-requests.ndjson"), "utf8").split("\n").filter(Boolean);

	lines.forEach((line, i) => {
		const example = JSON.parse(line);
		test(`example ${i + 1}: ${example.event_type}`, async () => {
			const answer = await server.post(example.path, example.body);
			assert.equal(answer.status, 200, answer.text);
			assert.equal(answer.json.event_type, example.event_type);
			assert.equal(answer.json.status, example.event_type.split(".")[1]);
		});
	});
});
