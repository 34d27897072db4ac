/* Which of the given times counts, and what happens to times of the future. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { at_second, build, deploy, get_ok, KINDS, record, stored_second, TIME } from "./api";
import { sleep, unique, use_server } from "./server";

const MINUTE = 60_000;
const in_minutes = (n: number): string => new Date(Date.now() + n * MINUTE).toISOString();
const is_now = (time: string): boolean => Math.abs(Date.parse(time) - Date.now()) < MINUTE;

describe("times of events", () => {
	const server = use_server();

	for (const kind of KINDS) {
		for (const field of ["started_at", "completed_at", "occurred_at"]) {
			test(`${kind}: ${field} more than five minutes ahead becomes now, with a warning`, async () => {
				const answer = await record(server, kind, { [field]: in_minutes(7) });
				assert.equal(answer.warnings.length, 1, JSON.stringify(answer.warnings));
				assert.match(answer.warnings[0], new RegExp(field));
				if (field !== "occurred_at") assert.ok(is_now(answer[field]), answer[field]);
				else assert.ok(is_now(answer.completed_at), answer.completed_at);
			});

			test(`${kind}: ${field} four minutes ahead is kept`, async () => {
				const time = in_minutes(4);
				const answer = await record(server, kind, { [field]: time });
				assert.deepEqual(answer.warnings, []);
				assert.equal(Date.parse(field === "occurred_at" ? answer.completed_at : answer[field]), Date.parse(time));
			});
		}

		test(`${kind}: a far future in all three fields gives a warning for each`, async () => {
			const answer = await record(server, kind, { started_at: "9999-12-31T23:59:59Z", completed_at: "9999-12-31T23:59:59Z", occurred_at: "9999-12-31T23:59:59Z" });
			assert.equal(answer.warnings.length, 3);
		});

		test(`${kind}: completed_at counts only with a final status`, async () => {
			for (const status of ["pending", "started"]) {
				const answer = await record(server, kind, { status, completed_at: at_second(0) });
				assert.equal(answer.status, status);
				assert.equal(answer.completed_at, null);
			}
		});

		test(`${kind}: started_at never changes a state`, async () => {
			assert.equal((await record(server, kind, { status: "pending", started_at: at_second(0) })).status, "pending");
			const ended = await record(server, kind, { status: "success", started_at: at_second(0) });
			assert.equal(ended.status, "completed");
			assert.equal(ended.started_at, stored_second(0));
		});

		test(`${kind}: the end of any final state is completed_at, else occurred_at, else when it was received`, async () => {
			for (const status of ["success", "failed", "aborted"]) {
				const both = await record(server, kind, { status, completed_at: at_second(10), occurred_at: at_second(20) });
				assert.equal(both.completed_at, stored_second(10));
				const occurred = await record(server, kind, { status, occurred_at: at_second(20) });
				assert.equal(occurred.completed_at, stored_second(20));
				const neither = await record(server, kind, { status });
				assert.ok(is_now(neither.completed_at));
				assert.match(neither.completed_at, TIME);
			}
		});

		test(`${kind}: the start is started_at, else occurred_at of started, else when that was received`, async () => {
			assert.equal((await record(server, kind, { status: "started", started_at: at_second(1), occurred_at: at_second(2) })).started_at, stored_second(1));
			assert.equal((await record(server, kind, { status: "started", occurred_at: at_second(2) })).started_at, stored_second(2));
			assert.ok(is_now((await record(server, kind, { status: "started" })).started_at));
		});

		test(`${kind}: the log shows when it happened and when it was received`, async () => {
			const product = unique("when");
			await record(server, kind, { product_name: product, occurred_at: at_second(5) });
			const [event] = (await get_ok(server, `/events/?product=${product}`)).items;
			assert.equal(event.occurred_at, stored_second(5));
			assert.ok(is_now(event.received_at));
		});
	}

	test("deployed_at is the end of a completed deployment", async () => {
		assert.equal((await deploy(server, { started_at: at_second(0), completed_at: at_second(9) })).deployed_at, stored_second(9));
	});

	test("deployed_at is the start of one that is not completed", async () => {
		for (const status of ["started", "failed", "aborted"])
			assert.equal((await deploy(server, { status, started_at: at_second(3), completed_at: at_second(9) })).deployed_at, stored_second(3), status);
	});

	test("deployed_at is the receipt of one that has neither", async () => {
		for (const status of ["pending", "failed", "aborted"]) assert.ok(is_now((await deploy(server, { status, occurred_at: at_second(0) })).deployed_at), status);
	});

	test("a build's started_at is never null: it falls back to created_at", async () => {
		for (const status of ["pending", "success", "failed"]) {
			const answer = await build(server, { status });
			assert.equal(answer.started_at, answer.created_at, status);
			assert.ok(is_now(answer.created_at));
		}
	});

	test("created_at stays that of the first event", async () => {
		const given = { product_name: unique("created"), invoke_id: "1" };
		const first = await build(server, { ...given, status: "started" });
		await sleep(20);
		const second = await build(server, { ...given, status: "success" });
		assert.equal(second.created_at, first.created_at);
	});
});
