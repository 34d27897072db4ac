// The feed: which live events belong to it, and how they come together with what is shown.
import assert from "node:assert/strict";
import test from "node:test";
import type { ApiEvent } from "../src/api/types";
import { belongs, joined } from "../src/pages/activity/feed";
import { effectOf, iconOf, TYPE_OPTIONS, verbOf } from "../src/pages/activity/words";

const event = (over: Partial<ApiEvent> = {}): ApiEvent =>
	({
		id: "3",
		event_type: "deployment.completed",
		kind: "deployment",
		effect: "advance",
		product_id: "p1",
		product_name: "checkout",
		environment_id: "e1",
		environment_name: "production",
		received_at: "2026-05-24T14:00:00.000000Z",
		...over,
	}) as ApiEvent;
const NONE = { product: "", environment: "", type: "", since: "", until: "" };

test("live events are filtered as the server filters", () => {
	const cases: [Partial<typeof NONE>, boolean][] = [
		[{}, true],
		[{ product: "checkout" }, true],
		[{ product: "p1" }, true],
		[{ product: "search,checkout" }, true],
		[{ product: "Checkout" }, false],
		[{ product: "check" }, false],
		[{ environment: "production" }, true],
		[{ environment: "staging" }, false],
		[{ type: "deployment.failed,deployment.completed" }, true],
		[{ type: "deployment.failed" }, false],
		[{ since: "2026-05-24T14:00:00Z" }, true],
		[{ since: "2026-05-24T14:00:01Z" }, false],
		[{ until: "2026-05-24T14:00:00Z" }, false],
		[{ until: "2026-05-24T14:00:01Z" }, true],
		[{ product: "checkout", type: "build.failed" }, false],
	];
	for (const [filters, expected] of cases) assert.equal(belongs(event(), { ...NONE, ...filters }), expected, JSON.stringify(filters));
	assert.equal(belongs(event({ environment_id: null, environment_name: null }), { ...NONE, environment: "production" }), false, "a build has no environment");
});

test("each event once, newest first, whatever comes first", () => {
	const ids = (events: ApiEvent[]) => events.map(({ id }) => id).join("");
	const [a, b, c] = [event({ id: "1" }), event({ id: "2" }), event({ id: "3" })];
	assert.equal(ids(joined([c!], [b!, a!])), "321");
	assert.equal(ids(joined([b!, b!, c!], [b!, a!])), "321");
	assert.equal(ids(joined([a!], [c!, b!])), "321");
	assert.equal(joined([event({ id: "2" })], [b!])[0], b, "what is shown stays the same object: its line is not drawn again");
});

test("every type has words of its own", () => {
	assert.equal(verbOf("deployment.completed"), "deployed to");
	assert.equal(new Set(TYPE_OPTIONS.map(({ value }) => verbOf(value as ApiEvent["event_type"]))).size, 11);
	assert.equal(verbOf("deployment.new_thing" as ApiEvent["event_type"]), "deployment new thing", "a newer server's type is shown as it is");
	assert.equal(iconOf("deployment.completed", "check"), "rocket");
	assert.equal(iconOf("deployment.failed", "failed"), "failed");
	assert.equal(effectOf(event()), null);
	assert.equal(effectOf(event({ effect: "duplicate" })), "sent again");
});
