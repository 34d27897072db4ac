/* api/openapi.yaml, read: what it says of an operation, and whether an answer, a request or an example is as it says. */
import type Ajv from "ajv/dist/2020";
import type { ValidateFunction } from "ajv/dist/2020";
import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import { Answer } from "./server";

/* What is compiled lies in another folder than its packages. */
const packages = createRequire(path.resolve("tests/e2e/package.json"));
const Ajv2020: typeof Ajv = packages("ajv/dist/2020").default;
const add_formats: (ajv: Ajv) => void = packages("ajv-formats").default;
const parse: (text: string) => any = packages("yaml").parse;

const FILE = path.resolve("api/openapi.yaml");
const METHODS = ["get", "post", "put", "patch", "delete"];
const escaped = (key: string): string => key.replace(/~/g, "~0").replace(/\//g, "~1");

/* An object of the document, and where it stands: schemas are found by that. */
interface Place {
	at: string;
	value: any;
}

export class Operation {
	constructor(private readonly description: Description, readonly method: string, readonly path: string, readonly definition: any, readonly at: string) {}

	private parameters(): any[] {
		return (this.definition.parameters ?? []).map((p: any) => this.description.resolve({ at: "", value: p }).value);
	}

	parameter(name: string): boolean {
		return this.parameters().some((p) => p.name === name);
	}

	query_parameters(): string[] {
		return this.parameters().filter((p) => p.in === "query").map((p) => p.name);
	}

	response(status: number): any {
		return this.place_of(status).value;
	}

	place_of(status: number): Place {
		const value = this.definition.responses[status];
		assert.ok(value, `${this.method} ${this.path}: ${status} is not described`);
		return this.description.resolve({ at: `${this.at}/responses/${status}`, value });
	}
}

export class Description {
	readonly document: any = parse(fs.readFileSync(FILE, "utf8"));
	readonly operations: Operation[];
	private readonly ajv: Ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strict: true, validateSchema: false });

	constructor() {
		add_formats(this.ajv);
		this.ajv.addVocabulary(["openapi", "info", "servers", "tags", "security", "paths", "components"]);
		this.ajv.addSchema(this.document, "openapi");
		this.operations = Object.entries<any>(this.document.paths).flatMap(([name, item]) =>
			METHODS.filter((method) => item[method]).map((method) => new Operation(this, method.toUpperCase(), name, item[method], `#/paths/${escaped(name)}/${method}`)));
	}

	operation(method: string, name: string): Operation {
		const found = this.operations.find((o) => o.method === method && o.path === name);
		assert.ok(found, `${method} ${name} is not described`);
		return found;
	}

	resolve(place: Place): Place {
		const ref = place.value.$ref;
		if (!ref) return place;
		const value = ref.slice(2).split("/").reduce((object: any, key: string) => object?.[key], this.document);
		assert.ok(value, `${ref} is not there`);
		return { at: ref, value };
	}

	private schema(at: string): ValidateFunction {
		const found = this.ajv.getSchema(`openapi${encodeURI(at)}`);
		assert.ok(found, `no schema at ${at}`);
		return found;
	}

	private assert_fits(at: string, value: unknown, what: string): void {
		const validate = this.schema(at);
		assert.ok(validate(value), `${what} is not as ${at} says: ${JSON.stringify(validate.errors?.slice(0, 5), null, 1)}\n${JSON.stringify(value)?.slice(0, 2000)}`);
	}

	/* An object by the name of its schema. */
	assert_is(schema: string, value: unknown): void {
		this.assert_fits(`#/components/schemas/${schema}`, value, `the ${schema}`);
	}

	assert_answer(o: Operation, answer: Answer): void {
		const { at, value: response } = o.place_of(answer.status), what = `${o.method} ${o.path} ${answer.status}`;
		for (const [name, header] of Object.entries<any>(response.headers ?? {}))
			if (this.resolve({ at: "", value: header }).value.required) assert.ok(answer.headers[name.toLowerCase()], `${what} without ${name}`);
		if (!response.content) return assert.equal(answer.bytes.length, 0, `${what} has a body`);
		const type = String(answer.headers["content-type"]).split(";")[0];
		assert.ok(response.content[type], `${what} has the content type ${type}`);
		if (type === "application/json") this.assert_fits(`${at}/content/${escaped(type)}/schema`, answer.json, what);
	}

	assert_request(o: Operation, body: unknown): void {
		assert.ok(o.definition.requestBody?.content["application/json"], `${o.method} ${o.path} has a body`);
		this.assert_fits(`${o.at}/requestBody/content/application~1json/schema`, body, `the body of ${o.method} ${o.path}`);
	}

	/* One line of NDJSON. */
	assert_line(holder: any, line: unknown): void {
		this.assert_fits(holder.content["application/x-ndjson"].schema.contentSchema.$ref, line, "the line");
	}

	/* Every example of a body; gives how many there are. */
	assert_examples(): number {
		let count = 0;
		const look = (at: string, holder: any): void => {
			for (const [type, media] of Object.entries<any>(holder.content ?? {})) {
				const values = media.examples ? Object.values<any>(media.examples).map((example) => example.value) : media.example === undefined ? [] : [media.example];
				for (const value of values) {
					if (media.schema.contentSchema) value.trimEnd().split("\n").forEach((line: string) => this.assert_line(holder, JSON.parse(line)));
					else this.assert_fits(`${at}/content/${escaped(type)}/schema`, value, "the example");
					count++;
				}
			}
		};
		for (const [name, response] of Object.entries<any>(this.document.components.responses)) look(`#/components/responses/${name}`, response);
		for (const o of this.operations) {
			if (o.definition.requestBody) look(`${o.at}/requestBody`, o.definition.requestBody);
			for (const [status, response] of Object.entries<any>(o.definition.responses)) if (!response.$ref) look(`${o.at}/responses/${status}`, response);
		}
		return count;
	}
}
