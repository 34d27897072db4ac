// measure.mjs pages|desktop|phone ORIGIN PRODUCT ENVIRONMENT: one line of JSON, {name: [value, reference]}. BENCH_EMAIL, BENCH_PASSWORD and BENCH_KEY are
// of that server. harness/measure/dashboard.py calls it.
import { withBrowser } from "./browser.mjs";
import { withFloor } from "./floor.mjs";
import { measureLive } from "./live.mjs";
import { measurePaint } from "./paint.mjs";
import { measureScroll } from "./scroll.mjs";
import { measureSize } from "./size.mjs";

const [what, origin, ...place] = process.argv.slice(2);

function measurePages() {
	return withFloor((floor) =>
		withBrowser(origin, async (open) => ({
			...(await measureSize(origin)),
			...(await measurePaint(open, origin, floor)),
			...(await measureScroll(open, origin, floor)),
			...(await measureLive(open, origin, place)),
		})),
	);
}

// Lighthouse is large: only who asks for it loads it.
const audits = (device) => async () => (await import("./audit.mjs")).measureAudits(origin, device);
const MEASUREMENTS = { pages: measurePages, desktop: audits("desktop"), phone: audits("phone") };

console.log(JSON.stringify(await MEASUREMENTS[what]()));
