// What of the found names is shown, and in which order.
import assert from "node:assert/strict";
import test from "node:test";
import { best, twoParts } from "../src/app/search_rank";

test("the very name first, then what begins so, then the rest; the shorter first", () => {
	const names = ["pre-checkout", "checkout-two", "Checkout", "checkout", "my-checkout-service"];
	assert.deepEqual(best(names, (name) => name, "checkout"), ["checkout", "Checkout", "checkout-two", "pre-checkout", "my-checkout-service"]);
	assert.equal(best(Array.from({ length: 50 }, (_, i) => `a${i}`), (name) => name, "a").length, 6);
});

test("two parts are a product and a version", () => {
	assert.deepEqual(twoParts("checkout 1.4"), ["checkout", "1.4"]);
	assert.deepEqual(twoParts("my shop  2"), ["my shop", "2"]);
	assert.equal(twoParts("checkout"), null);
	assert.equal(twoParts("checkout "), null);
});
