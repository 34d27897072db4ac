/* The table of event fields as the tests know it: written by hand from the specification, not taken from the server. */
import type { FieldError, Kind } from "./api";
import { missing } from "./api";

export type FieldType = "text" | "number_or_text" | "status" | "time" | "bool" | "metadata";

export interface Field {
	name: string;
	type: FieldType;
	required?: true;
	limit: number; /* characters; 0: no limit of its own */
	multiline?: true;
	shown: boolean; /* stands in the answer to the event */
}

const text = (name: string, limit: number, rest: Partial<Field> = {}): Field => ({ name, type: "text", limit, shown: true, ...rest });
const time = (name: string, shown: boolean): Field => ({ name, type: "time", limit: 0, shown });

function fields_of(kind: Kind): Field[] {
	const is_build = kind === "build";
	const actor = is_build ? "built_by" : "deployed_by";
	const only_deployment = (field: Field): Field[] => (is_build ? [] : [field]);
	return [
		text("product_name", 255, { required: true }),
		text("version", 255, { required: true, type: "number_or_text" }),
		...only_deployment(text("environment_name", 255, { required: true })),
		text("status", 0, { required: true, type: "status" }),
		text("scm_repository", 512),
		text("scm_sha", 128),
		text("scm_branch", 255),
		text("build_number", 255, { type: "number_or_text" }),
		text("invoke_id", 255, { type: "number_or_text" }),
		text("build_url", 2048),
		...only_deployment(text("deploy_url", 2048)),
		text("source_system", 64),
		text(actor, 255),
		text(`${actor}_email`, 255),
		text(`${actor}_name`, 255),
		time("started_at", true),
		time("completed_at", true),
		time("occurred_at", false),
		text("error_message", 4096, { multiline: true, shown: is_build }),
		text("error_code", 255, { shown: is_build }),
		...only_deployment({ name: "skip_preflight_checks", type: "bool", limit: 0, shown: false }),
		{ name: "extra_metadata", type: "metadata", limit: 0, shown: true },
	];
}

export const FIELDS: Record<Kind, Field[]> = { deployment: fields_of("deployment"), build: fields_of("build") };

export const is_texty = (field: Field): boolean => field.type === "text" || field.type === "number_or_text";

/* JSON values of a type that the field cannot take. */
export function wrong_values(field: Field): string[] {
	const containers = ['{"a":1}', "[]", '["x"]'];
	switch (field.type) {
		case "text":
		case "status":
			return [...containers, "true", "false", "7", "1.5"];
		case "number_or_text":
			return [...containers, "true", "false"];
		case "time":
			return [...containers, "true", '"yesterday"', '"2026-05-24"', '"2026-05-24T10:00:00"'];
		case "bool":
			return [...containers, '"maybe"', "7", "1.5"];
		case "metadata":
			return ["[]", '["x"]', "true", "7", '"text"'];
	}
}

export function wrong_error(field: Field): FieldError {
	switch (field.type) {
		case "text":
		case "number_or_text":
			return { field: field.name, type: "type_error.str", msg: "str type expected" };
		case "status":
			return { field: field.name, type: /^(type_error\.str|value_error\.status)$/ };
		case "time":
			return { field: field.name, type: /^(value_error\.datetime|type_error\.str)$/ };
		case "bool":
			return { field: field.name, type: "type_error.bool" };
		case "metadata":
			return { field: field.name, type: "type_error.dict" };
	}
}

export const all_missing = (kind: Kind): FieldError[] => FIELDS[kind].filter((f) => f.required).map((f) => missing(f.name));
