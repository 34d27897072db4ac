// Channels and preferences: the sentence of a preference, what is sent of a config, and the tables held against the API's description.
import assert from "node:assert/strict";
import test from "node:test";
import description from "../../api/openapi.yaml";
import { ApiError } from "../src/api/error";
import { configOf, draftOf, headerTrouble, newHeader, type ConfigDraft, type FieldDraft } from "../src/pages/settings/notifications/channels_draft";
import { CHANNEL_TYPES } from "../src/pages/settings/notifications/channels_fields";
import { eventOptions, plain, sentence, takesStates, toldWords, TOLD_OPTIONS, whyNothing, type Wanted } from "../src/pages/settings/notifications/preferences_words";

interface Schema {
	enum?: string[];
	anyOf?: Schema[];
	maxItems?: number;
	description?: string;
	properties?: Record<string, Schema>;
}
const { schemas } = (description as { components: { schemas: Record<string, Schema> } }).components;

const wanted = (event_type: string, filters: Partial<Wanted["filters"]> = {}): Wanted => ({
	event_type,
	filters: { environments: [], products: [], statuses: [], environment_types: [], ...filters },
});

test("a preference is a sentence", () => {
	const cases: [Wanted, string][] = [
		[wanted("deployment.failed"), "Failed deployments"],
		[wanted("deployment.failed", { products: ["checkout"], environments: ["production"] }), "Failed deployments of checkout to production"],
		[wanted("*"), "All deployments and builds"],
		[wanted("*", { statuses: ["failed", "aborted"] }), "Failed or aborted deployments and builds"],
		[wanted("*", { environment_types: ["production"] }), "All deployments to production environments"],
		[wanted("deployment.*", { statuses: ["preflight_failed"], products: ["a", "b", "c*"] }), "Preflight-failed deployments of a, b or c*"],
		[wanted("deployment.*", { environments: ["eu-*"], environment_types: ["staging", "production"] }), "All deployments to eu-* (only staging or production environments)"],
		[wanted("deployment.recovered", { products: ["checkout"] }), "Deployments of checkout that succeed after a failure"],
		[wanted("deployment.rolled_back", { environments: ["production"] }), "Rollbacks in production"],
		[wanted("build.*"), "All builds"],
		[wanted("build.completed", { products: ["checkout"] }), "Completed builds of checkout"],
		[wanted("dr.approved"), "Approved deployment requests"],
		// A state beside a type that has its own says nothing new; a type of a newer server stands for itself.
		[wanted("deployment.failed", { statuses: ["failed"] }), "Failed deployments"],
		[wanted("rocket.landed", { products: ["x"] }), "Rocket.landed of x"],
	];
	for (const [one, text] of cases) assert.equal(plain(sentence(one)), text);
});

test("a long list is cut, and somebody's names are told from our words", () => {
	const products = Array.from({ length: 9 }, (_, i) => `p${i}`);
	const parts = sentence(wanted("build.failed", { products }));
	assert.equal(plain(parts), "Failed builds of p0, p1, p2, p3, p4 or 4 others");
	assert.deepEqual(
		parts.filter(({ isName }) => isName).map(({ text }) => text),
		products.slice(0, 5),
	);
	assert.equal(plain(sentence(wanted("build.failed", { products: products.slice(0, 6) }))), "Failed builds of p0, p1, p2, p3, p4 or p5");
});

test("a preference that can never match says why", () => {
	assert.match(whyNothing(wanted("build.failed", { environments: ["production"] })) ?? "", /no environment/);
	assert.match(whyNothing(wanted("version.*", { environment_types: ["dev"] })) ?? "", /no environment/);
	assert.match(whyNothing(wanted("deployment.recovered", { statuses: ["failed"] })) ?? "", /completed/);
	assert.match(whyNothing(wanted("dr.*")) ?? "", /no such events/);
	for (const one of [wanted("*", { environments: ["x"] }), wanted("deployment.failed", { statuses: ["failed", "aborted"] }), wanted("build.*", { products: ["x"] })])
		assert.equal(whyNothing(one), null, one.event_type);
});

test("what is offered is what there is", () => {
	const types = schemas.ToldType!.anyOf!.flatMap((one) => one.enum ?? []).concat(schemas.EventType!.enum!);
	assert.deepEqual(TOLD_OPTIONS.map(({ value }) => value).sort(), types.sort());
	const offered = eventOptions().map(({ value }) => value);
	for (const type of types.filter((one) => one !== "channel.switched_off")) assert.ok(offered.includes(type), type);
	assert.deepEqual(offered.filter(takesStates), ["*", "deployment.*", "build.*"]);
	assert.equal(eventOptions("dr.*").at(-1)?.value, "dr.*");
	assert.equal(new Set(eventOptions().map(({ label }) => label)).size, offered.length);
	assert.equal(toldWords("deployment.failed"), "failed deployment");
	assert.equal(toldWords("channel.switched_off"), "channel switched off");
});

test("the fields of each type are those of the description", () => {
	assert.deepEqual(Object.keys(CHANNEL_TYPES), schemas.ChannelType!.enum);
	const described = Object.entries(schemas.ChannelConfigGiven!.properties!);
	for (const [type, { fields }] of Object.entries(CHANNEL_TYPES)) {
		const there = described.filter(([, { description: about }]) => about!.includes(`\`${type}\``));
		assert.deepEqual(fields.map(({ name }) => name).sort(), there.map(([name]) => name).sort(), type);
		for (const { name, required } of fields) assert.equal(required, schemas.ChannelConfigGiven!.properties![name]!.description!.includes("required"), `${type}.${name}`);
	}
});

const edited = (draft: ConfigDraft, field: string, change: Partial<FieldDraft>): ConfigDraft => ({ ...draft, [field]: { ...draft[field]!, ...change } });
const WEBHOOK = { url: "https://hooks.example.com/…9d3f", secret: "****k2Lw", headers: { "X-Team": "****" } };

test("a stored config is sent back only where it was changed", () => {
	const draft = draftOf("webhook", WEBHOOK);
	assert.deepEqual(configOf("webhook", draft, WEBHOOK), {});
	const url = "https://hooks.example.com/in/2";
	assert.deepEqual(configOf("webhook", edited(draft, "url", { state: "given", text: ` ${url} ` }), WEBHOOK), { url });
	assert.deepEqual(configOf("webhook", edited(draft, "secret", { state: "removed" }), WEBHOOK), { secret: null });
	const more = [...draft.headers!.headers, { ...newHeader(), name: "X-New", value: "1" }];
	assert.deepEqual(configOf("webhook", edited(draft, "headers", { headers: more }), WEBHOOK), { headers: { "X-Team": "****", "X-New": "1" } });
	assert.deepEqual(configOf("webhook", edited(draft, "headers", { headers: [] }), WEBHOOK), { headers: null });
	const mail = { to: ["a@example.com", "b@example.com"] };
	assert.deepEqual(configOf("email", draftOf("email", mail), mail), {});
	assert.deepEqual(configOf("email", edited(draftOf("email", mail), "to", { text: "b@example.com, c@example.com" }), mail), { to: ["b@example.com", "c@example.com"] });
});

test("a new config has what was written, and a secret is never shown", () => {
	const draft = draftOf("slack_bot", null);
	assert.ok(Object.values(draft).every(({ state }) => state === "given"));
	const written = edited(edited(draft, "token", { text: "xoxb-1" }), "channel", { text: "#ops" });
	assert.deepEqual(configOf("slack_bot", written, null), { token: "xoxb-1", channel: "#ops" });
	const stored = draftOf("slack_bot", { token: "****abcd", channel: "#ops" });
	assert.equal(stored.token!.text, "");
	assert.ok(stored.token!.state === "kept" && stored.channel!.state === "given");
});

test("headers that cannot be told to the server", () => {
	const line = (name: string, value = "1") => ({ ...newHeader(), name, value });
	assert.equal(headerTrouble([line("A"), line("B"), line("", "")]), null);
	assert.match(headerTrouble([line("A"), line(" a ")]) ?? "", /twice/);
	assert.match(headerTrouble([line("")]) ?? "", /needs a name/);
});

test("what was said of a field's members is shown at the field", () => {
	const error = new ApiError(422, "", null, [
		{ field: "config.headers.X-Team", message: "This header is set by the server." },
		{ field: "config.url", message: "Wrong." },
	]);
	assert.equal(error.of("config.headers"), "X-Team: This header is set by the server.");
	assert.equal(error.of("config.url"), "Wrong.");
	assert.equal(error.of("config.ur"), undefined);
});
