/* How an event finds its deployment or build: each row of the table and each sentence around it, for both kinds. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { at_second, deploy, effects_of, events_of, Fields, get_ok, Kind, KINDS, list_all, record, stored_second } from "./api";
import { Server, unique, use_server } from "./server";

interface Step {
	send: Fields;
	/* The attempt that answers: a new one, or that of an earlier step. */
	is: "new" | number;
	effect: string;
	status: string;
	started_at?: string | null;
	completed_at?: string | null;
	same_event_as?: number; /* the answer repeats that step's event_id */
}

interface Scenario {
	name: string;
	steps: Step[];
}

const T = at_second;
const S = stored_second;
const run = (id: string, fields: Fields): Fields => ({ invoke_id: id, ...fields });
const attempt = (n: unknown, fields: Fields): Fields => ({ invoke_id: "run", extra_metadata: { vi_gh_run_attempt: n }, ...fields });
const first = (status: string, fields: Fields = {}, shown = status): Step => ({ send: { status, ...fields }, is: "new", effect: "new", status: shown });

const OPEN_TO_FINAL: Scenario[] = ["completed", "failed", "aborted"].flatMap((end) =>
	["pending", "started"].map((open): Scenario => ({
		name: `${open}, then ${end}: one attempt that ends`,
		steps: [first(open), { send: { status: end }, is: 0, effect: "advance", status: end }],
	})),
);

const FINALS: Scenario[] = ["completed", "failed", "aborted"].flatMap((end): Scenario[] => [
	{
		name: `${end} twice with one run key: a duplicate`,
		steps: [first(end, run("1", {})), { send: run("1", { status: end }), is: 0, effect: "duplicate", status: end, same_event_as: 0 }],
	},
	{
		name: `${end} twice without a run key: two attempts`,
		steps: [first(end), { send: { status: end }, is: "new", effect: "new", status: end }],
	},
	...["completed", "failed", "aborted"].filter((other) => other !== end).map((other): Scenario => ({
		name: `${end}, then ${other} with the same run key: a correction`,
		steps: [first(end, run("1", {})), { send: run("1", { status: other }), is: 0, effect: "correction", status: other }],
	})),
	{
		name: `${end}, then an open state with the same run key and no time: a new attempt`,
		steps: [first(end, run("1", {})), { send: run("1", { status: "started" }), is: "new", effect: "new", status: "started" }],
	},
	{
		name: `${end}, then an open state without a run key and no time: a new attempt`,
		steps: [first(end), { send: { status: "started" }, is: "new", effect: "new", status: "started" }],
	},
]);

const SCENARIOS: Scenario[] = [
	...["pending", "started", "completed", "failed", "aborted"].map((state): Scenario => ({ name: `${state} where nothing was: a new attempt`, steps: [first(state)] })),
	...OPEN_TO_FINAL,
	...FINALS,
	{
		name: "pending, started, completed: one attempt that moves forward",
		steps: [
			first("pending", { occurred_at: T(0) }),
			{ send: { status: "started", occurred_at: T(10) }, is: 0, effect: "advance", status: "started", started_at: S(10), completed_at: null },
			{ send: { status: "completed", occurred_at: T(20) }, is: 0, effect: "advance", status: "completed", started_at: S(10), completed_at: S(20) },
		],
	},
	{
		name: "pending after started is recorded and changes nothing",
		steps: [
			first("started", { started_at: T(5) }),
			{ send: { status: "pending", occurred_at: T(1) }, is: 0, effect: "ignored", status: "started", started_at: S(5) },
			{ send: { status: "completed" }, is: 0, effect: "advance", status: "completed" },
		],
	},
	{
		name: "the same open state again is a duplicate",
		steps: [
			first("pending"),
			{ send: { status: "queued" }, is: 0, effect: "duplicate", status: "pending", same_event_as: 0 },
			{ send: { status: "started" }, is: 0, effect: "advance", status: "started" },
			{ send: { status: "in_progress" }, is: 0, effect: "duplicate", status: "started", same_event_as: 2 },
		],
	},
	{
		name: "a late open event after the end, by occurred_at: recorded, fills the start, the state stays",
		steps: [
			first("completed", run("1", { completed_at: T(100) })),
			{ send: run("1", { status: "started", occurred_at: T(50) }), is: 0, effect: "late", status: "completed", started_at: S(50), completed_at: S(100) },
			{ send: run("1", { status: "pending", occurred_at: T(40) }), is: 0, effect: "late", status: "completed", started_at: S(50), completed_at: S(100) },
		],
	},
	{
		name: "a late open event by started_at",
		steps: [
			first("failed", run("1", { completed_at: T(100) })),
			{ send: run("1", { status: "started", started_at: T(60) }), is: 0, effect: "late", status: "failed", started_at: S(60), completed_at: S(100) },
		],
	},
	{
		name: "a late open event does not overwrite a start that is known",
		steps: [
			first("completed", run("1", { started_at: T(30), completed_at: T(100) })),
			{ send: run("1", { status: "started", occurred_at: T(50) }), is: 0, effect: "late", status: "completed", started_at: S(30) },
		],
	},
	{
		name: "an open event exactly at the end is late",
		steps: [
			first("completed", run("1", { completed_at: T(100) })),
			{ send: run("1", { status: "started", occurred_at: T(100) }), is: 0, effect: "late", status: "completed" },
		],
	},
	{
		name: "an open event after the end is a new attempt",
		steps: [
			first("completed", run("1", { completed_at: T(100) })),
			{ send: run("1", { status: "started", occurred_at: T(101) }), is: "new", effect: "new", status: "started", started_at: S(101) },
		],
	},
	{
		name: "a late open event without a run key",
		steps: [
			first("completed", { completed_at: T(100) }),
			{ send: { status: "started", occurred_at: T(50) }, is: 0, effect: "late", status: "completed", started_at: S(50) },
			{ send: { status: "started", occurred_at: T(101) }, is: "new", effect: "new", status: "started" },
		],
	},
	{
		name: "a final event without a run key belongs to an open attempt that has one",
		steps: [first("started", run("1", {})), { send: { status: "completed" }, is: 0, effect: "advance", status: "completed" }],
	},
	{
		name: "a final event with a run key belongs to an open attempt that has none",
		steps: [
			first("started"),
			{ send: run("1", { status: "completed" }), is: 0, effect: "advance", status: "completed" },
			{ send: run("1", { status: "completed" }), is: 0, effect: "duplicate", status: "completed", same_event_as: 1 },
		],
	},
	{
		name: "different run keys are different attempts, and each ends its own",
		steps: [
			first("started", run("1", {})),
			first("started", run("2", {})),
			{ send: run("1", { status: "failed" }), is: 0, effect: "advance", status: "failed" },
			{ send: run("2", { status: "completed" }), is: 1, effect: "advance", status: "completed" },
		],
	},
	{
		name: "without a run key the newest open attempt is meant",
		steps: [
			first("started", run("1", { occurred_at: T(0) })),
			first("started", run("2", { occurred_at: T(10) })),
			{ send: { status: "completed" }, is: 1, effect: "advance", status: "completed" },
			{ send: { status: "completed" }, is: 0, effect: "advance", status: "completed" },
			{ send: { status: "completed" }, is: "new", effect: "new", status: "completed" },
		],
	},
	{
		name: "another attempt of a GitHub run is another run key",
		steps: [
			first("failed", attempt("1", {})),
			first("failed", attempt("2", {})),
			{ send: attempt("1", { status: "failed" }), is: 0, effect: "duplicate", status: "failed", same_event_as: 0 },
			{ send: attempt("2", { status: "completed" }), is: 1, effect: "correction", status: "completed" },
			{ send: run("run", { status: "completed" }), is: "new", effect: "new", status: "completed" },
		],
	},
	{
		name: "a run attempt given as a number is the one given as a text",
		steps: [first("started", attempt(3, {})), { send: attempt("3", { status: "completed" }), is: 0, effect: "advance", status: "completed" }],
	},
	{
		name: "a run attempt without an invoke_id is no run key",
		steps: [
			first("completed", { extra_metadata: { vi_gh_run_attempt: "1" } }),
			first("completed", { extra_metadata: { vi_gh_run_attempt: "1" } }),
		],
	},
	{
		name: "the contract's clients: completed_at with every event, started_at with every event, states only by their word",
		steps: [
			{ ...first("started", { started_at: T(0), completed_at: T(0) }), completed_at: null },
			{ send: { status: "success", started_at: T(0), completed_at: T(30) }, is: 0, effect: "advance", status: "completed", started_at: S(0), completed_at: S(30) },
		],
	},
	{
		name: "a correction takes the new end",
		steps: [
			first("completed", run("1", { completed_at: T(10) })),
			{ send: run("1", { status: "failed", completed_at: T(20) }), is: 0, effect: "correction", status: "failed", completed_at: S(20) },
			{ send: run("1", { status: "completed", completed_at: T(30) }), is: 0, effect: "correction", status: "completed", completed_at: S(30) },
		],
	},
	{
		name: "after a retried start the new attempt is the one that ends",
		steps: [
			first("failed", run("1", {})),
			first("started", run("1", {})),
			{ send: run("1", { status: "completed" }), is: 1, effect: "advance", status: "completed" },
			{ send: run("1", { status: "completed" }), is: 1, effect: "duplicate", status: "completed", same_event_as: 2 },
		],
	},
	...(["version", "product_name"] as const).map((field): Scenario => ({
		name: `another ${field} is another attempt`,
		steps: [first("started", run("1", {})), first("completed", run("1", { [field]: unique("other") }))],
	})),
];

async function play(server: Server, kind: Kind, scenario: Scenario): Promise<void> {
	const product = unique("lifecycle");
	const answers: any[] = [];
	for (const [i, step] of scenario.steps.entries()) {
		const answer = await record(server, kind, { product_name: product, ...step.send });
		const where = `step ${i + 1} (${JSON.stringify(step.send)})`;
		if (step.is === "new") assert.ok(!answers.some((a) => a.id === answer.id), `${where} is new`);
		else assert.equal(answer.id, answers[step.is].id, `${where} belongs to step ${step.is + 1}`);
		assert.equal(answer.status, step.status, where);
		for (const name of ["started_at", "completed_at"] as const)
			if (step[name] !== undefined) assert.equal(answer[name], step[name], `${where}: ${name}`);
		if (step.same_event_as !== undefined) assert.deepEqual(answer, answers[step.same_event_as], `${where} repeats the first answer`);
		else assert.ok(!answers.some((a) => a.event_id === answer.event_id), `${where}: an event of its own`);
		answers.push(answer);
	}
	const own = scenario.steps.filter((step) => step.send.product_name === undefined);
	assert.deepEqual(await effects_of(server, product), own.map((step) => step.effect));
}

for (const kind of KINDS) {
	describe(`lifecycle of a ${kind}`, () => {
		const server = use_server();
		for (const scenario of SCENARIOS) test(scenario.name, () => play(server, kind, scenario));

		test("what is known grows: the latest value of a field wins, absent ones keep it, metadata is merged at its top", async () => {
			const product = unique("merge");
			const step = (fields: Fields): Promise<any> => record(server, kind, { product_name: product, invoke_id: "1", ...fields });
			await step({ status: "pending", scm_branch: "main", build_number: "1", extra_metadata: { a: 1, deep: { x: 1 }, keep: true } });
			const second = await step({ status: "started", build_number: "2", build_url: "https://ci.example/2", extra_metadata: { a: 2, deep: { y: 2 } } });
			assert.equal(second.scm_branch, "main");
			assert.equal(second.build_number, "2");
			assert.deepEqual(second.extra_metadata, { a: 2, deep: { y: 2 }, keep: true });
			const third = await step({ status: "completed", build_url: null, extra_metadata: { b: 3 } });
			assert.equal(third.build_url, "https://ci.example/2");
			assert.deepEqual(third.extra_metadata, { a: 2, deep: { y: 2 }, keep: true, b: 3 });
		});

		test("duplicates and ignored events change nothing of what is shown", async () => {
			const product = unique("unchanged");
			const step = (fields: Fields): Promise<any> => record(server, kind, { product_name: product, invoke_id: "1", ...fields });
			const show = async (id: string): Promise<any> => {
				const shown = await get_ok(server, `/${kind}s/${id}`);
				return { ...shown, timeline: undefined, updated_at: undefined };
			};
			const one = await step({ status: "started", scm_branch: "main", extra_metadata: { a: 1 } });
			const before = await show(one.id);
			await step({ status: "started", scm_branch: "other", extra_metadata: { a: 2 }, started_at: T(1), error_message: "late" });
			await step({ status: "pending", scm_branch: "third", extra_metadata: { b: 2 }, occurred_at: T(1) });
			assert.deepEqual(await show(one.id), before);
			await step({ status: "completed", scm_branch: "main" });
			const ended = await show(one.id);
			await step({ status: "completed", scm_branch: "other", extra_metadata: { c: 1 }, completed_at: T(5) });
			assert.deepEqual(await show(one.id), ended);
		});

		test("every accepted event is a row of the log with its payload, and those of one attempt carry its id", async () => {
			const product = unique("log");
			const ids: string[] = [];
			for (const [i, status] of ["pending", "queued", "started", "pending", "success", "success", "failed"].entries())
				ids.push((await record(server, kind, { product_name: product, status, invoke_id: "1", occurred_at: T(i) })).id);
			assert.equal(new Set(ids).size, 1);
			const events = (await events_of(server, product)).reverse();
			assert.deepEqual(events.map((e) => e.effect), ["new", "duplicate", "advance", "ignored", "advance", "duplicate", "correction"]);
			assert.deepEqual(events.map((e) => e.event_type.split(".")[1]), ["pending", "pending", "started", "pending", "completed", "completed", "failed"]);
			for (const [i, event] of events.entries()) {
				assert.equal(event[`${kind}_id`], ids[0]);
				assert.equal(event.occurred_at, S(i));
				assert.equal(event.payload.product_name, product);
			}
		});
	});
}

describe("lifecycle of a deployment, beyond what builds have", () => {
	const server = use_server();

	test("another environment is another attempt", async () => {
		const product = unique("environments");
		const staging = await deploy(server, { product_name: product, environment_name: "staging", status: "started", invoke_id: "1" });
		const production = await deploy(server, { product_name: product, environment_name: "production", status: "success", invoke_id: "1" });
		assert.notEqual(staging.id, production.id);
		assert.equal((await get_ok(server, `/deployments/${staging.id}`)).status, "started");
	});

	test("a deployment's timeline holds all its events, the late and repeated ones too", async () => {
		const product = unique("timeline");
		const given = { product_name: product, invoke_id: "7" };
		const { id } = await deploy(server, { ...given, status: "started", occurred_at: T(0) });
		await deploy(server, { ...given, status: "success", occurred_at: T(10) });
		await deploy(server, { ...given, status: "success" });
		await deploy(server, { ...given, status: "pending", occurred_at: T(1) });
		const shown = await get_ok(server, `/deployments/${id}`);
		assert.deepEqual(shown.timeline.map((e: any) => e.effect).sort(), ["advance", "duplicate", "late", "new"]);
		assert.ok(shown.timeline.every((e: any) => e.deployment_id === id));
		assert.equal((await list_all(server, "/deployments/", { product })).length, 1);
	});

	test("a build and a deployment with one run key do not meet", async () => {
		const given = { product_name: unique("both"), invoke_id: "1" };
		const built = await record(server, "build", { ...given, status: "started" });
		const deployed = await record(server, "deployment", { ...given, status: "success" });
		assert.notEqual(built.id, deployed.id);
		assert.equal((await get_ok(server, `/builds/${built.id}`)).status, "started");
	});
});
