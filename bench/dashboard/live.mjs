// Live updates: from an event's acknowledgement at its sender to the cell that shows it; next to an empty page that hears the event and reads the
// product's row, and does nothing with it.
import { performance } from "node:perf_hooks";
import { median } from "./figures.mjs";

const EVENTS = 6;
/** The page asks for changed rows no more often than each 600 ms. */
const PAUSE_MS = [700, 900];

const PATIENCE_MS = 20_000;

const now = () => performance.timeOrigin + performance.now();
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function within(milliseconds, what, promise) {
	let timer;
	const late = new Promise((_, fail) => (timer = setTimeout(fail, milliseconds, new Error(`${what}: not within ${milliseconds} ms`))));
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function send(origin, product, environment, version) {
	const answer = await fetch(`${origin}/deployment-events/`, {
		method: "POST",
		headers: { Authorization: `Bearer ${process.env.BENCH_KEY}`, "Content-Type": "application/json" },
		body: JSON.stringify({ product_name: product, environment_name: environment, version, status: "success" }),
	});
	await answer.text();
	if (!answer.ok) throw new Error(`an event was answered with ${answer.status}`);
	return now();
}

/** Runs in the page: resolves with the time at which a cell with that text has been drawn. */
function awaitCell(text) {
	const there = () => [...document.querySelectorAll(".matrix-cell .version")].some((element) => element.textContent.trim() === text);
	return new Promise((done) => {
		const observer = new MutationObserver(() => {
			if (!there()) return;
			observer.disconnect();
			requestAnimationFrame(() => setTimeout(() => done(performance.timeOrigin + performance.now())));
		});
		observer.observe(document.body, { subtree: true, childList: true, characterData: true });
	});
}

/** Runs in a page of the server's that has no scripts. */
function openStream() {
	window.stream = new EventSource("/events/stream");
	return new Promise((done) => window.stream.addEventListener("open", () => done(), { once: true }));
}

function awaitRow(text) {
	return new Promise((done, fail) => {
		const hear = async ({ data }) => {
			if (!data.includes(text)) return;
			window.stream.removeEventListener("deployment.completed", hear);
			const answer = await fetch(`/environment-state/?product=${JSON.parse(data).product_id}`);
			answer.json().then(() => done(performance.timeOrigin + performance.now()), fail);
		};
		window.stream.addEventListener("deployment.completed", hear);
	});
}

async function latencies(page, wait, origin, label, [product, environment]) {
	const taken = [];
	for (let i = 0; i < EVENTS; i++) {
		const version = `${label}.${process.pid}.${i}`;
		const shown = within(PATIENCE_MS, `${version} in its cell`, page.evaluate(wait, version));
		await pause(PAUSE_MS[0] + Math.random() * (PAUSE_MS[1] - PAUSE_MS[0]));
		const acknowledged = await send(origin, product, environment, version);
		taken.push(Math.max(0, (await shown) - acknowledged));
	}
	await page.context().close();
	return taken;
}

/** place: a product and an environment in sight. */
export async function measureLive(open, origin, place) {
	const page = await open();
	await page.goto(`${origin}/`);
	await page.locator(".live-live").waitFor();
	await page.locator(".matrix-cell .version").first().waitFor();
	const own = await latencies(page, awaitCell, origin, "9.0", place);
	const bare = await open();
	await bare.goto(`${origin}/licenses.txt`);
	await bare.evaluate(openStream);
	const floor = await latencies(bare, awaitRow, origin, "9.1", place);
	return { live: [median(own), median(floor)], live_slowest: [Math.max(...own), Math.max(...floor)] };
}
