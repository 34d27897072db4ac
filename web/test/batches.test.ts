/** A storm of names becomes few batches; a failure is tried again, later. */
import { test } from "node:test";
import { strict as assert } from "node:assert";
import { type Clock, createBatches } from "../src/pages/matrix/batches";

const LIMITS = { pause: 500, gather: 50, most: 3, longest: 4000 };

/** A clock that goes when it is told to. */
class Hands implements Clock {
	time = 0;
	private due: { at: number; run: () => void; id: number }[] = [];
	private next = 1;
	now = () => this.time;
	later = (run: () => void, milliseconds: number) => {
		this.due.push({ at: this.time + milliseconds, run, id: this.next });
		return this.next++;
	};
	cancel = (timer: number) => (this.due = this.due.filter(({ id }) => id !== timer));
	async go(milliseconds: number): Promise<void> {
		const end = this.time + milliseconds;
		for (;;) {
			this.due.sort((a, b) => a.at - b.at);
			if (!this.due[0] || this.due[0].at > end) break;
			const { at, run } = this.due.shift()!;
			this.time = at;
			run();
			await new Promise((done) => setImmediate(done));
		}
		this.time = end;
	}
}

function setUp(work: (names: string[]) => Promise<void> = async () => {}) {
	const clock = new Hands();
	const begun: [number, string][] = [];
	const batches = createBatches(
		async (names) => {
			begun.push([clock.time, names.join("")]);
			await work(names);
		},
		LIMITS,
		clock,
	);
	return { clock, begun, batches };
}

test("what comes together goes together, each name once", async () => {
	const { clock, begun, batches } = setUp();
	for (const name of "abab") batches.add(name);
	await clock.go(1000);
	assert.deepEqual(begun, [[50, "ab"]]);
});

test("a storm is worked off one batch in each pause", async () => {
	const { clock, begun, batches } = setUp();
	for (const name of "abcdefgh") batches.add(name);
	await clock.go(2000);
	assert.deepEqual(begun, [[50, "abc"], [550, "def"], [1050, "gh"]]);
	batches.add("z");
	await clock.go(100);
	assert.deepEqual(begun[3], [2050, "z"]);
});

test("a name that comes while it is worked on is worked on again", async () => {
	const waits: (() => void)[] = [];
	const { clock, begun, batches } = setUp(() => new Promise((done) => waits.push(done)));
	batches.add("a");
	await clock.go(100);
	batches.add("a");
	await clock.go(5000);
	assert.deepEqual(begun, [[50, "a"]]); // never two at once
	waits[0]!();
	await new Promise((done) => setImmediate(done));
	await clock.go(100);
	assert.deepEqual(begun[1]?.[1], "a");
});

test("after failures the pause doubles, up to the longest, and is short again afterwards", async () => {
	let failing = true;
	const { clock, begun, batches } = setUp(async () => {
		if (failing) throw new Error("away");
	});
	batches.add("a");
	await clock.go(20_000);
	const times = begun.map(([at]) => at);
	assert.deepEqual(times, [50, 1050, 3050, 7050, 11_050, 15_050, 19_050]);
	failing = false;
	await clock.go(5000);
	batches.add("b");
	batches.add("c");
	batches.add("d");
	batches.add("e");
	await clock.go(2000);
	const [first, second] = begun.slice(-2);
	assert.equal(second![0] - first![0], 500);
});

test("what is cleared or stopped does not begin", async () => {
	const { clock, begun, batches } = setUp();
	batches.add("a");
	batches.clear();
	await clock.go(1000);
	batches.add("b");
	batches.stop();
	batches.add("c");
	await clock.go(1000);
	assert.deepEqual(begun, []);
});
