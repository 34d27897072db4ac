/* Random histories against a second opinion: a small model of the lifecycle, written from the specification, says for each event what
 * the server must answer, and at the end what the matrix must show, now and at moments of the past. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { at_second, effects_of, Fields, Kind, KINDS, matrix_row, record, stored_second } from "./api";
import { Server, unique, use_server } from "./server";

const SEEDS = process.env.VERSIONER_MODEL_SEED ? [Number(process.env.VERSIONER_MODEL_SEED)] : [1, 2, 3, 4, 5, 6, 7, 8];
const EVENTS = 80;
const RECEIVED = 1e12; /* seconds from here on: "when it was received", in the order of receipt */
const FINAL = ["completed", "failed", "aborted"];
const is_final = (state: string): boolean => FINAL.includes(state);

interface Event {
	environment: string;
	version: string;
	state: string;
	run?: string;
	started?: number;
	completed?: number;
	occurred?: number;
}

interface Attempt {
	number: number; /* in the order of creation */
	environment: string;
	version: string;
	run?: string;
	state: string;
	attempted: number;
	received: number;
	started?: number;
	ended?: number;
	kind: string | null;
}

class Model {
	readonly attempts: Attempt[] = [];
	private received = RECEIVED;

	apply(e: Event): { attempt: Attempt; effect: string } {
		this.received++;
		const place = this.attempts.filter((a) => a.environment === e.environment && a.version === e.version).reverse();
		const open = place.find((a) => !is_final(a.state) && (a.run === undefined || e.run === undefined || a.run === e.run));
		if (open) return { attempt: open, effect: this.within_open(open, e) };
		const newest = place.find((a) => e.run === undefined || a.run === e.run);
		if (!newest) return this.create(e);
		if (is_final(e.state)) {
			if (e.run === undefined) return this.create(e);
			if (newest.state === e.state) return { attempt: newest, effect: "duplicate" };
			this.take(newest, e);
			return { attempt: newest, effect: "correction" };
		}
		const happened = e.occurred ?? e.started;
		if (is_final(newest.state) && happened !== undefined && happened <= newest.ended!) {
			if (e.state === "started") newest.started ??= e.started ?? e.occurred;
			return { attempt: newest, effect: "late" };
		}
		return this.create(e);
	}

	private within_open(open: Attempt, e: Event): string {
		if (open.state === e.state) return "duplicate";
		if (e.state === "pending") return "ignored";
		this.take(open, e);
		open.run ??= e.run;
		return "advance";
	}

	private create(e: Event): { attempt: Attempt; effect: string } {
		const attempt: Attempt = {
			number: this.attempts.length, environment: e.environment, version: e.version, run: e.run, state: e.state, received: this.received,
			attempted: e.occurred ?? (is_final(e.state) ? e.completed : e.started) ?? this.received, kind: null,
		};
		this.attempts.push(attempt);
		this.take(attempt, e);
		return { attempt, effect: "new" };
	}

	private take(a: Attempt, e: Event): void {
		const happened = e.occurred ?? this.received;
		a.state = e.state;
		a.started ??= e.started ?? (e.state === "started" ? happened : undefined);
		if (is_final(e.state)) a.ended = e.completed ?? happened;
		a.kind = a.state === "completed" ? this.kind_of(a) : null;
	}

	/* Completed ones of a place by their end, the newest first; of equal ends the later created. */
	private completed(environment: string, until = Infinity): Attempt[] {
		return this.attempts
			.filter((a) => a.environment === environment && a.state === "completed" && a.ended! <= until)
			.sort((a, b) => b.ended! - a.ended! || b.number - a.number);
	}

	private kind_of(a: Attempt): string {
		const all = this.completed(a.environment);
		const before = all.slice(all.indexOf(a) + 1);
		if (before.length === 0) return "initial";
		if (before[0].version === a.version) return "redeploy";
		return before.some((b) => b.version === a.version) ? "rollback" : "upgrade";
	}

	current(environment: string, at?: number): Attempt | undefined {
		return this.completed(environment, at)[0];
	}

	latest(environment: string): Attempt | undefined {
		return this.attempts.filter((a) => a.environment === environment).sort((a, b) => b.attempted - a.attempted || b.number - a.number)[0];
	}
}

function random_from(seed: number): <T>(choices: readonly T[]) => T {
	let state = seed >>> 0;
	return (choices) => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return choices[Math.floor((state / 2 ** 32) * choices.length)];
	};
}

function random_event(kind: Kind, pick: ReturnType<typeof random_from>): Event {
	const time = (): number | undefined => pick([undefined, undefined, ...Array.from({ length: 12 }, (_, i) => i * 5)]);
	return {
		environment: kind === "build" ? "" : pick(["staging", "production"]),
		version: pick(["1", "2", "3"]),
		state: pick(["pending", "started", "completed", "completed", "failed", "aborted"]),
		run: pick([undefined, "a", "a", "b"]),
		started: time(), completed: time(), occurred: time(),
	};
}

function fields_of(product_name: string, e: Event): Fields {
	const at = (second: number | undefined): string | undefined => (second === undefined ? undefined : at_second(second));
	return {
		product_name, version: e.version, status: e.state, invoke_id: e.run, started_at: at(e.started), completed_at: at(e.completed), occurred_at: at(e.occurred),
		...(e.environment ? { environment_name: e.environment } : {}),
	};
}

function assert_time(shown: string | null, expected: number | undefined, what: string): void {
	if (expected === undefined) assert.equal(shown, null, what);
	else if (expected < RECEIVED) assert.equal(shown, stored_second(expected), what);
	else assert.ok(shown !== null && Math.abs(Date.parse(shown) - Date.now()) < 120_000, `${what}: ${shown}`);
}

function assert_answer(kind: Kind, answer: any, a: Attempt, where: string): void {
	assert.equal(answer.status, a.state, where);
	assert_time(answer.started_at, a.started ?? (kind === "build" ? a.received : undefined), `${where}: started_at`);
	assert_time(answer.completed_at, a.ended, `${where}: completed_at`);
	if (kind === "build") return;
	assert.equal(answer.kind, a.kind, `${where}: kind`);
	assert_time(answer.deployed_at, a.state === "completed" ? a.ended : a.started ?? a.received, `${where}: deployed_at`);
}

async function play(server: Server, kind: Kind, seed: number): Promise<void> {
	const pick = random_from(seed);
	const product = unique("model");
	const model = new Model();
	const ids = new Map<number, string>();
	const effects: string[] = [];
	for (let i = 0; i < EVENTS; i++) {
		const event = random_event(kind, pick);
		const where = `seed ${seed}, event ${i + 1}: ${JSON.stringify(event)}`;
		const answer = await record(server, kind, fields_of(product, event));
		const { attempt, effect } = model.apply(event);
		effects.push(effect);
		if (effect === "new") assert.ok(![...ids.values()].includes(answer.id), `${where} is new`);
		else assert.equal(answer.id, ids.get(attempt.number), `${where} is ${effect}`);
		ids.set(attempt.number, answer.id);
		assert_answer(kind, answer, attempt, where);
	}
	assert.deepEqual(await effects_of(server, product), effects, `seed ${seed}`);
	if (kind === "build") return;
	for (const environment of ["staging", "production"]) {
		const cell = (await matrix_row(server, product))!.cells[environment];
		const current = model.current(environment);
		const latest = model.latest(environment)!;
		assert.equal(cell.deployment_id, current ? ids.get(current.number) : null, `seed ${seed}: current of ${environment}`);
		assert.equal(cell.latest_attempt?.deployment_id ?? cell.deployment_id, ids.get(latest.number), `seed ${seed}: latest attempt of ${environment}`);
		if (cell.latest_attempt) assert.equal(cell.latest_attempt.status, latest.state);
		for (const second of [-1, 0, 7, 20, 33, 60]) {
			const then = (await matrix_row(server, product, at_second(second)))?.cells[environment];
			const expected = model.current(environment, second);
			assert.equal(then?.deployment_id ?? null, expected ? ids.get(expected.number) : null, `seed ${seed}: ${environment} at ${second}`);
		}
	}
}

for (const kind of KINDS) {
	describe(`random histories of ${kind}s`, () => {
		const server = use_server();
		for (const seed of SEEDS) test(`seed ${seed}`, () => play(server, kind, seed));
		test("the derived tables agree with the log after all of them", () => server.assert_check_is_green());
	});
}
