// Lighthouse on pages that need a login, with nothing cached; with its settings for a desktop, or those for a slow phone on a slow network.
import lighthouse, { desktopConfig } from "lighthouse";
import { withProfile } from "./browser.mjs";

const PAGES = { matrix: "/", deployments: "/manage/deployments" };
const SETTINGS = { desktop: desktopConfig, phone: undefined };
const CATEGORIES = ["performance", "accessibility", "best-practices"];

/** What cost points, for whoever looks at it. */
function tellLosses(name, { categories, audits }) {
	for (const { title, score, auditRefs } of Object.values(categories)) {
		if (score === 1) continue;
		const lost = auditRefs.filter(({ id, weight }) => weight && audits[id].score !== null && audits[id].score < 0.9).map(({ id }) => `${id} ${audits[id].displayValue ?? ""}`.trim());
		console.error(`    ${name}, ${title} ${Math.round(score * 100)}: ${lost.join("; ") || "no single audit below 0.9"}`);
	}
}

async function audit(origin, name, device) {
	const { lhr } = await withProfile(origin, (context, port) =>
		lighthouse(`${origin}${PAGES[name]}`, { port, logLevel: "error", onlyCategories: CATEGORIES, disableStorageReset: true }, SETTINGS[device]),
	);
	if (lhr.runtimeError) throw new Error(`Lighthouse: ${lhr.runtimeError.message}`);
	if (new URL(lhr.finalDisplayedUrl).pathname !== PAGES[name]) throw new Error(`Lighthouse ended at ${lhr.finalDisplayedUrl}`);
	tellLosses(name, lhr);
	return Object.fromEntries(CATEGORIES.map((id) => [`lighthouse${device === "phone" ? "_phone" : ""}_${name}_${id.replace("-", "_")}`, [lhr.categories[id].score * 100, 100]]));
}

export async function measureAudits(origin, device) {
	const figures = {};
	for (const name of Object.keys(PAGES)) Object.assign(figures, await audit(origin, name, device));
	return figures;
}
