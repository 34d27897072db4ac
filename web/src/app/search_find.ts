/** What the search finds: parts of names of products, environments and versions; "checkout 1.4" is a version of a product. */
import { api, take } from "../api/client";
import type { Environment, Product, Version } from "../api/types";
import type { IconName } from "../kit/icon";
import { best, MOST_OF_A_KIND, twoParts } from "./search_rank";

export interface Found {
	href: string;
	name: string;
	about: string;
	icon: IconName;
}

/** The server answers newest first: the best of some is shown. */
const ASKED = 50;
/** As many names as a filter takes. */
const TOGETHER = 20;

type Ask<T> = (q: string, signal: AbortSignal) => Promise<T[]>;
const askProducts: Ask<Product> = async (q, signal) => (await take(api.GET("/products", { params: { query: { q, limit: ASKED } }, signal }))).items;
const askEnvironments: Ask<Environment> = async (q, signal) => (await take(api.GET("/environments", { params: { query: { q, limit: ASKED } }, signal }))).items;

async function askVersions(text: string, signal: AbortSignal): Promise<Version[]> {
	const named = await take(api.GET("/versions", { params: { query: { q: text, limit: MOST_OF_A_KIND } }, signal }));
	const parts = twoParts(text);
	if (!parts) return named.items;
	const products = best(await askProducts(parts[0], signal), ({ name }) => name, parts[0]).slice(0, TOGETHER);
	if (!products.length) return named.items;
	const query = { q: parts[1], product: products.map(({ id }) => id).join(","), limit: MOST_OF_A_KIND };
	const ofProducts = await take(api.GET("/versions", { params: { query }, signal }));
	return [...ofProducts.items, ...named.items];
}

const byName = ({ name }: { name: string }) => name;

/** What a link to a list by name can say: commas separate names there. */
function environmentPath({ id, name }: Environment): string {
	return `/manage/deployments?environment=${encodeURIComponent(name.includes(",") ? id : name)}`;
}

/** Throws only when nothing at all could be asked. */
export async function find(text: string, signal: AbortSignal): Promise<Found[]> {
	const answers = await Promise.allSettled([askProducts(text, signal), askEnvironments(text, signal), askVersions(text, signal)]);
	const [products, environments, versions] = answers;
	if (answers.every(({ status }) => status === "rejected")) throw (answers[0] as PromiseRejectedResult).reason;
	const of = <T>(answer: PromiseSettledResult<T[]>): T[] => (answer.status === "fulfilled" ? answer.value : []);
	return [
		...best(of(products), byName, text).map(({ id, name }): Found => ({ href: `/manage/products?view=${id}`, name, about: "product", icon: "box" })),
		...best(of(environments), byName, text).map((one): Found => ({ href: environmentPath(one), name: one.name, about: "environment", icon: "grid" })),
		...of(versions)
			.filter((one, at, all) => all.findIndex(({ id }) => id === one.id) === at)
			.slice(0, MOST_OF_A_KIND)
			.map((one): Found => ({ href: `/manage/versions?view=${one.id}`, name: one.version, about: `version of ${one.product_name}`, icon: "commit" })),
	];
}
