// Scrolling through the rows with a wheel's gesture: the time between frames, next to a frame as high with nothing in it.
import { quantile } from "./figures.mjs";

const ROW = 48;
const PIXELS = 12_000;
/** Eighty rows a second, with twelve cells each. */
const PIXELS_A_SECOND = 4_000;

/** Runs in the page. */
function record([frame, row]) {
	const element = document.querySelector(frame);
	const recorded = { frames: [], long: [], blank: 0 };
	window.recorded = recorded;
	new PerformanceObserver((list) => recorded.long.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
	let before = performance.now();
	const look = (now) => {
		recorded.frames.push(now - before);
		before = now;
		if (row) {
			const [first, last] = [element.scrollTop, element.scrollTop + element.clientHeight - 2 * row].map((pixels) => Math.floor(pixels / row));
			if (![first, last].every((index) => element.querySelector(`[data-row="${index}"]`))) recorded.blank++;
		}
		requestAnimationFrame(look);
	};
	requestAnimationFrame((now) => {
		before = now;
		requestAnimationFrame(look);
	});
}

async function scroll(page, frame, row) {
	const { x, y, width, height } = await page.locator(frame).boundingBox();
	const devtools = await page.context().newCDPSession(page);
	await page.evaluate(record, [frame, row]);
	await devtools.send("Input.synthesizeScrollGesture", {
		x: Math.round(x + width / 2),
		y: Math.round(y + Math.min(height, 600) / 2),
		yDistance: -PIXELS,
		speed: PIXELS_A_SECOND,
		gestureSourceType: "mouse",
	});
	const recorded = await page.evaluate(() => window.recorded);
	const top = await page.locator(frame).evaluate((element) => element.scrollTop);
	if (top < PIXELS / 2) throw new Error(`${frame} was scrolled by ${top} pixels only`);
	await page.context().close();
	return recorded;
}

export async function measureScroll(open, origin, floor) {
	const page = await open();
	await page.goto(`${origin}/`);
	await page.locator(".matrix-cell .version").first().waitFor();
	// What the beginning brings along (the stream, the rest of the code) is over.
	await page.waitForTimeout(500);
	const own = await scroll(page, ".matrix-frame", ROW);
	const empty = await open();
	await empty.goto(`${floor}/scroll?${1000 * ROW}`);
	const bare = await scroll(empty, "#frame", 0);
	const sum = (durations) => durations.reduce((total, duration) => total + duration, 0);
	return {
		scroll_frame: [quantile(own.frames, 0.5), quantile(bare.frames, 0.5)],
		scroll_frame_p95: [quantile(own.frames, 0.95), quantile(bare.frames, 0.95)],
		scroll_long_tasks: [sum(own.long), sum(own.frames)],
		scroll_blank: [own.blank, own.frames.length],
	};
}
