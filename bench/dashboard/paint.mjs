// First paint: what a person sees when, with nothing cached, next to a page of as many bytes that has one line of text.
import { median } from "./figures.mjs";

const LOADS = 3;
const CELL = ".matrix-cell .version";

/** Runs in the page, before all else: notes the frame in which the first element of that kind has been drawn. */
function watchFor(selector) {
	const look = () => {
		if (!document.querySelector(selector)) return requestAnimationFrame(look);
		// A message comes after the frame, in which what was found is drawn.
		requestAnimationFrame(() => {
			const { port1, port2 } = new MessageChannel();
			port1.onmessage = () => (window.shownAt = performance.now());
			port2.postMessage(null);
		});
	};
	requestAnimationFrame(look);
}

/** Runs in the page, when both times are there. */
async function readTimes() {
	const first = () => performance.getEntriesByName("first-contentful-paint")[0];
	while (!window.shownAt || !first()) await new Promise((done) => setTimeout(done, 20));
	const sent = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
	return { first: first().startTime, shown: window.shownAt, bytes: sent.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0) };
}

async function load(open, address, selector) {
	const page = await open();
	await page.addInitScript(watchFor, selector);
	await page.goto(address, { waitUntil: "commit" });
	const taken = await page.evaluate(readTimes);
	await page.context().close();
	return taken;
}

export async function measurePaint(open, origin, floor) {
	const own = [];
	const bare = [];
	for (let i = 0; i < LOADS; i++) {
		own.push(await load(open, `${origin}/`, CELL));
		bare.push(await load(open, `${floor}/size?${own[0].bytes}`, "p"));
	}
	const of = (loads, what) => median(loads.map((one) => one[what]));
	return {
		first_paint: [of(own, "first"), of(bare, "first")],
		cells_shown: [of(own, "shown"), of(bare, "shown")],
	};
}
