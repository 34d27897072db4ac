/* Every field of an event: type, limit, missing, empty, trimmed, null, and the answer that shows it. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import {
	assert_error, assert_field_errors, BUILD_ANSWER, build, control, deploy, DEPLOYMENT_ANSWER, event_of, EVENT_PATH, get_ok, INVALID_JSON, Kind,
	KINDS, missing, record, send, TIME, too_long, UUID7,
} from "./api";
import { all_missing, FIELDS, is_texty, wrong_error, wrong_values } from "./fields";
import { Answer, Server, unique, use_server } from "./server";

const ANSWER_KEYS: Record<Kind, string[]> = { deployment: DEPLOYMENT_ANSWER, build: BUILD_ANSWER };

/* The body of a good event with one field given as raw JSON text. */
function raw_body(kind: Kind, field: string, json: string): string {
	const rest = event_of(kind);
	delete rest[field];
	return `{${JSON.stringify(field)}:${json},${JSON.stringify(rest).slice(1)}`;
}

const send_raw = (server: Server, kind: Kind, field: string, json: string): Promise<Answer> =>
	server.post(EVENT_PATH[kind], raw_body(kind, field, json));

for (const kind of KINDS) {
	describe(`fields of a ${kind} event`, () => {
		const server = use_server();
		const texts = FIELDS[kind].filter(is_texty);

		test("the answer has exactly the keys of the contract, and null for what was not given", async () => {
			const answer = await record(server, kind, { product_name: "least", status: "pending" });
			assert.deepEqual(Object.keys(answer).sort(), [...ANSWER_KEYS[kind]].sort());
			const given = new Set(["id", "event_id", "event_type", "product_id", "product_name", "version_id", "version", "environment_id",
				"environment_name", "status", "deployed_at", "warnings", ...(kind === "build" ? ["started_at", "created_at"] : [])]);
			for (const key of ANSWER_KEYS[kind].filter((k) => !given.has(k))) assert.equal(answer[key], null, key);
			assert.deepEqual(answer.warnings, []);
			assert.equal(answer.product_name, "least");
			assert.equal(answer.version, "1.0.0");
			assert.equal(answer.status, "pending");
			assert.equal(answer.event_type, `${kind}.pending`);
			for (const key of ["id", "event_id", "product_id", "version_id", ...(kind === "deployment" ? ["environment_id"] : [])])
				assert.match(answer[key], UUID7, key);
			for (const key of kind === "build" ? ["started_at", "created_at"] : ["deployed_at"]) assert.match(answer[key], TIME, key);
		});

		test("every field given comes back as it was given", async () => {
			const sent: Record<string, unknown> = {};
			for (const field of texts) sent[field.name] = `${field.name} of ${kind}`;
			Object.assign(sent, { status: "success", started_at: "2026-05-24T14:00:00Z", completed_at: "2026-05-24T14:06:05.890103Z",
				extra_metadata: { z: 1, a: ["x", null, true, 0.1] }, build_url: "https://ci.example/1" });
			const answer = await record(server, kind, sent);
			for (const field of texts.filter((f) => f.shown)) assert.equal(answer[field.name], sent[field.name], field.name);
			assert.equal(answer.started_at, "2026-05-24T14:00:00.000000Z");
			assert.equal(answer.completed_at, "2026-05-24T14:06:05.890103Z");
			assert.deepEqual(answer.extra_metadata, sent.extra_metadata);
			const stored = await get_ok(server, kind === "build" ? `/builds/${answer.id}` : `/deployments/${answer.id}`);
			assert.equal(stored.error_message, sent.error_message);
			assert.equal(stored.error_code, sent.error_code);
		});

		for (const field of texts) {
			test(`${field.name} takes ${field.limit} characters of any width and no more`, async () => {
				for (const character of ["x", "é", "😀"]) {
					const longest = character.repeat(field.limit);
					const answer = await record(server, kind, { [field.name]: longest });
					if (field.shown) assert.equal(answer[field.name], longest);
				}
				assert_field_errors(await send(server, kind, { [field.name]: "x".repeat(field.limit + 1) }), [too_long(field.name, field.limit)]);
				assert_field_errors(await send(server, kind, { [field.name]: "é".repeat(field.limit + 1) }), [too_long(field.name, field.limit)]);
			});

			test(`${field.name} is trimmed of outer white space before its length is taken`, async () => {
				const inner = `in  ner ${unique("x")}`;
				const answer = await record(server, kind, { [field.name]: `   ${inner} \u00a0\u3000 ` });
				if (field.shown) assert.equal(answer[field.name], inner);
				await record(server, kind, { [field.name]: `  ${"x".repeat(field.limit)}  ` });
				const newline = await record(server, kind, { [field.name]: `${inner}\n` });
				if (field.shown) assert.equal(newline[field.name], inner);
			});

			test(`${field.name} has no control characters`, async () => {
				const refused = ["\u0000", "\u0001", "\u001b", "\u001f", "\u007f", "\u0085", "\u009f", ...(field.multiline ? [] : ["\t", "\n", "\r\n"])];
				for (const character of refused)
					assert_field_errors(await send(server, kind, { [field.name]: `a${character}b` }), [control(field.name)]);
			});

			test(`${field.name}: null and an empty text are the same as absent`, async () => {
				for (const empty of [null, "", "   "]) {
					const answer = await send(server, kind, { [field.name]: empty });
					if (field.required) assert_field_errors(answer, [missing(field.name)]);
					else {
						assert.equal(answer.status, 200, answer.text);
						if (field.shown) assert.equal(answer.json[field.name], null);
					}
				}
			});
		}

		for (const field of FIELDS[kind]) {
			test(`${field.name} refuses values of another type`, async () => {
				for (const wrong of wrong_values(field)) {
					const answer = await send_raw(server, kind, field.name, wrong);
					assert_field_errors(answer, [wrong_error(field)]);
				}
			});

			test(`${field.name} may be null: ${field.required ? "then it is missing" : "then it is absent"}`, async () => {
				const answer = await send_raw(server, kind, field.name, "null");
				if (field.required) assert_field_errors(answer, [missing(field.name)]);
				else assert.equal(answer.status, 200, answer.text);
			});
		}

		test("all required fields missing are listed in the order of the fields", async () => {
			assert_field_errors(await server.post(EVENT_PATH[kind], {}), all_missing(kind));
		});

		test("every wrong field is listed at once, in the order of the fields, whatever the order in the body", async () => {
			const members = FIELDS[kind].map((f) => `${JSON.stringify(f.name)}:${wrong_values(f)[1]}`);
			const expected = FIELDS[kind].map(wrong_error);
			assert_field_errors(await server.post(EVENT_PATH[kind], `{${members.join(",")}}`), expected);
			assert_field_errors(await server.post(EVENT_PATH[kind], `{${members.reverse().join(",")}}`), expected);
		});

		test("missing, too long, wrong word and wrong type are listed together", async () => {
			const answer = await server.post(EVENT_PATH[kind], { version: "v".repeat(256), environment_name: "e", status: "nonsense",
				build_number: [], started_at: "soon", extra_metadata: 5 });
			assert_field_errors(answer, [missing("product_name"), too_long("version", 255), { field: "status", type: "value_error.status" },
				{ field: "build_number", type: "type_error.str", msg: "str type expected" }, { field: "started_at", type: "value_error.datetime" },
				{ field: "extra_metadata", type: "type_error.dict" }]);
		});

		test("a refused event stores nothing", async () => {
			const product = unique("refused");
			await send(server, kind, { product_name: product, started_at: "soon" });
			assert.deepEqual((await get_ok(server, `/events/?product=${product}`)).items, []);
			assert.deepEqual((await get_ok(server, "/products/?limit=200")).items.filter((p: any) => p.name === product), []);
		});

		for (const [name, values] of Object.entries({
			version: ["1.10", "2.0", "0", "-1", "42", "1e3", "1E+2", "9007199254740993", "123456789012345678"],
			build_number: ["42", "1.10", "9007199254740993"],
			invoke_id: ["17345678901234567", "0.10"],
		})) {
			test(`${name} given as a number keeps the number's own characters`, async () => {
				for (const number of values) {
					const answer = await send_raw(server, kind, name, number);
					assert.equal(answer.status, 200, answer.text);
					assert.equal(answer.json[name], number);
				}
			});
		}

		test("a version 1.10 given as a number is the version \"1.10\" given as a text", async () => {
			const product = unique("number");
			const first = await server.post(EVENT_PATH[kind], raw_body(kind, "version", "1.10").replace(/"product_name":"[^"]+"/, `"product_name":"${product}"`));
			const second = await record(server, kind, { product_name: product, version: "1.10" });
			const third = await record(server, kind, { product_name: product, version: "1.1" });
			assert.equal(first.json.version_id, second.version_id);
			assert.notEqual(third.version_id, second.version_id);
		});

		test("unknown fields are ignored, whatever they hold", async () => {
			const foreign = kind === "build" ? { environment_name: 5, deploy_url: [], deployed_by: {}, skip_preflight_checks: "x" } : { built_by: [], built_by_email: 7 };
			const answer = await record(server, kind, { ...foreign, "": 1, status_code: {}, PRODUCT_NAME: "x", "product name": [] });
			assert.deepEqual(Object.keys(answer).sort(), [...ANSWER_KEYS[kind]].sort());
		});

		test("times are taken with any offset and shown in UTC with microseconds", async () => {
			const forms: [string, string][] = [
				["2026-05-24T14:06:05Z", "2026-05-24T14:06:05.000000Z"],
				["2026-05-24t14:06:05z", "2026-05-24T14:06:05.000000Z"],
				["2026-05-24 14:06:05Z", "2026-05-24T14:06:05.000000Z"],
				["2026-05-24T16:06:05.5+02:00", "2026-05-24T14:06:05.500000Z"],
				["2026-05-24T14:06:05.890103Z", "2026-05-24T14:06:05.890103Z"],
				["2026-05-24T14:06:05.123456789Z", "2026-05-24T14:06:05.123456Z"],
				["2026-05-23T23:36:05-14:30", "2026-05-24T14:06:05.000000Z"],
				["2024-02-29T00:00:00+00:00", "2024-02-29T00:00:00.000000Z"],
				["2026-01-01T00:00:00+00:01", "2025-12-31T23:59:00.000000Z"],
			];
			for (const [given, shown] of forms) {
				const answer = await record(server, kind, { started_at: given, completed_at: given });
				assert.equal(answer.started_at, shown, given);
				assert.equal(answer.completed_at, shown, given);
			}
		});

		test("times that are none are refused in each of the three fields", async () => {
			const wrong = ["2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z", "2026-04-31T00:00:00Z", "2026-05-24T24:00:00Z",
				"2026-05-24T14:60:00Z", "2026-05-24T14:06:61Z", "2026-05-24T14:06:05", "2026-05-24T14:06:05+0200", "2026-05-24T14:06:05+24:00",
				"2026-05-24T14:06:05.Z", "2026-05-24T14:06Z", "2026-05-24T14:06:05Z x", "1748095565", "now", "0000-01-01T00:00:00Z", "12026-05-24T14:06:05Z"];
			for (const field of ["started_at", "completed_at", "occurred_at"])
				for (const value of wrong) assert_field_errors(await send(server, kind, { [field]: value }), [{ field, type: "value_error.datetime" }]);
		});

		test("error_message keeps its tabs and newlines", async () => {
			const message = "line one\n\tline two\nline three";
			const answer = await record(server, kind, { status: "failed", error_message: message, error_code: "E_TIMEOUT" });
			const stored = await get_ok(server, kind === "build" ? `/builds/${answer.id}` : `/deployments/${answer.id}`);
			assert.equal(stored.error_message, message);
			assert.equal(stored.error_code, "E_TIMEOUT");
		});

		test("source_system may be the word unknown", async () => {
			assert.equal((await record(server, kind, { source_system: "unknown" })).source_system, "unknown");
		});

		test("the field's names are compared byte for byte: NFC and NFD are two products, case is two products", async () => {
			const ids = new Set<string>();
			for (const name of ["caf\u00e9", "cafe\u0301", "CAF\u00c9", "Caf\u00e9"]) {
				const answer = await record(server, kind, { product_name: name });
				assert.equal(answer.product_name, name);
				ids.add(answer.product_id);
			}
			assert.equal(ids.size, 4);
		});
	});
}

describe("extra_metadata", () => {
	const server = use_server();
	const LIMIT = 128 * 1024;
	const nested = (levels: number): string => '{"a":'.repeat(levels - 1) + "{}" + "}".repeat(levels - 1);

	test("comes back with its order, its numbers and its characters", async () => {
		const json = '{"z":1,"a":{"ü":"<&>\\n\\t😀"},"big":9007199254740993,"real":0.1,"list":[[],{},null,false,-0.5],"":"empty key"}';
		const answer = await server.post("/deployment-events/", raw_body("deployment", "extra_metadata", json));
		assert.equal(answer.status, 200, answer.text);
		assert.deepEqual(answer.json.extra_metadata, JSON.parse(json));
		assert.deepEqual(Object.keys(answer.json.extra_metadata), Object.keys(JSON.parse(json)));
		assert.ok(answer.text.includes("9007199254740993"), "an integer keeps all its digits");
	});

	test("takes 128 KiB as compact JSON and not one byte more", async () => {
		const frame = '{"k":""}'.length;
		assert.equal((await send(server, "deployment", { extra_metadata: { k: "x".repeat(LIMIT - frame) } })).status, 200);
		const over = await send(server, "deployment", { extra_metadata: { k: "x".repeat(LIMIT - frame + 1) } });
		assert_field_errors(over, [{ field: "extra_metadata", type: "value_error.metadata.size" }]);
	});

	test("is measured as UTF-8, not as it was escaped or spaced on the wire", async () => {
		const escaped = `{"k":"${"\\u003c".repeat(100 * 1024)}"}`;
		const answer = await server.post("/deployment-events/", raw_body("deployment", "extra_metadata", escaped));
		assert.equal(answer.status, 200, answer.text.slice(0, 300));
		assert.equal(answer.json.extra_metadata.k, "<".repeat(100 * 1024));
		const spaced = `{${" ".repeat(LIMIT + 10)}"k":1}`;
		assert.equal((await server.post("/deployment-events/", raw_body("deployment", "extra_metadata", spaced))).status, 200);
		const wide = await send(server, "deployment", { extra_metadata: { k: "é".repeat(LIMIT / 2) } });
		assert_field_errors(wide, [{ field: "extra_metadata", type: "value_error.metadata.size" }]);
	});

	test("takes 32 levels and not 33", async () => {
		assert.equal((await server.post("/build-events/", raw_body("build", "extra_metadata", nested(32)))).status, 200);
		const over = await server.post("/build-events/", raw_body("build", "extra_metadata", nested(33)));
		assert_field_errors(over, [{ field: "extra_metadata", type: "value_error.metadata.depth" }]);
		const arrays = `{"a":${"[".repeat(32)}${"]".repeat(32)}}`;
		assert_field_errors(await server.post("/build-events/", raw_body("build", "extra_metadata", arrays)), [{ field: "extra_metadata", type: "value_error.metadata.depth" }]);
	});

	test("tab and newline are allowed in it, other control characters are not", async () => {
		assert.equal((await send(server, "build", { extra_metadata: { log: "a\n\tb" } })).status, 200);
		for (const wrong of [{ a: "x\u0000y" }, { "k\u0001": 1 }, { a: [{ b: "\u001b[31m" }] }])
			assert_field_errors(await send(server, "build", { extra_metadata: wrong }), [control("extra_metadata")]);
		assert.ok([400, 422].includes((await send(server, "build", { extra_metadata: { "k\u0000": 1 } })).status), "no JSON reader need take NUL in a name");
	});

	test("an empty object is an object", async () => {
		assert.deepEqual((await deploy(server, { extra_metadata: {} })).extra_metadata, {});
	});
});

describe("the body of an event", () => {
	const server = use_server();
	const BODY_LIMIT = 1024 * 1024;

	for (const kind of KINDS) {
		test(`${kind}: JSON that is no object is one error of the whole body`, async () => {
			for (const body of ["[]", "[{}]", '"text"', "5", "true", "null"]) {
				const answer = await server.post(EVENT_PATH[kind], body);
				assert_error(answer, 422, { detail: [{ loc: ["body"], msg: "value is not a valid dict", type: "type_error.dict" }] });
			}
		});

		test(`${kind}: what is not JSON is 400`, async () => {
			const good = JSON.stringify(event_of(kind));
			const wrong = ["", " ", "{", good.slice(0, -1), `${good} x`, `${good}${good}`, "{'a':1}", "{\"a\":NaN}", "{\"a\":01}", "{\"a\":1,}", "{a:1}",
				"{\"a\":\"\t\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\x\"}", "undefined", "\u0000", `${good}\u0000`, "{\"a\":1e999}",
				'{"product_name":"a","product_name":"b"}'];
			for (const body of wrong) assert_error(await server.post(EVENT_PATH[kind], body), 400, INVALID_JSON);
		});

		test(`${kind}: wrong encodings are 400`, async () => {
			const around = (bytes: number[]): Buffer =>
				Buffer.concat([Buffer.from('{"product_name":"'), Buffer.from(bytes), Buffer.from('","version":"1","environment_name":"e","status":"success"}')]);
			const wrong = [[0xff], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x28, 0xa1], [0x80]];
			for (const bytes of wrong)
				assert_error(await server.post(EVENT_PATH[kind], around(bytes), { headers: { "content-type": "application/json" } }), 400, INVALID_JSON);
			const utf16 = Buffer.from(JSON.stringify(event_of(kind)), "utf16le");
			assert_error(await server.post(EVENT_PATH[kind], utf16, { headers: { "content-type": "application/json" } }), 400, INVALID_JSON);
		});
	}

	test("may be 1 MiB, and is refused with 413 beyond it", async () => {
		const padded = (size: number): string => {
			const body = JSON.stringify(event_of("build", { pad: "" }));
			return body.replace('"pad":""', `"pad":"${"x".repeat(size - body.length)}"`);
		};
		const longest = padded(BODY_LIMIT);
		assert.equal(Buffer.byteLength(longest), BODY_LIMIT);
		assert.equal((await server.post("/build-events/", longest)).status, 200);
		const over = await server.post("/build-events/", padded(BODY_LIMIT + 1));
		assert.equal(over.status, 413);
		assert.deepEqual(Object.keys(over.json), ["detail"]);
	});

	test("escapes are characters: \\u0041 in a name is A", async () => {
		const answer = await server.post("/build-events/", '{"product_name":"\\u0041\\ud83d\\ude00\\/","version":"1","status":"\\u0073uccess"}');
		assert.equal(answer.status, 200, answer.text);
		assert.equal(answer.json.product_name, "A😀/");
	});

	test("the old name /version-events/ is /build-events/", async () => {
		const product = unique("old-name");
		const first = await server.post("/version-events/", { product_name: product, version: "1", status: "started", invoke_id: "r" });
		assert.equal(first.status, 200, first.text);
		assert.equal(first.json.event_type, "build.started");
		assert.deepEqual(Object.keys(first.json).sort(), [...BUILD_ANSWER].sort());
		const second = await build(server, { product_name: product, version: "1", status: "success", invoke_id: "r" });
		assert.equal(second.id, first.json.id);
	});
});
