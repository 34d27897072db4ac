/** The names of products and environments: read once, kept for a while, for filters and the search. */
import { useEffect, useState } from "preact/hooks";
import { api, take } from "../api/client";
import type { Environment, Product } from "../api/types";
import type { Page } from "./data";

const KEPT_FOR = 60_000;
const MOST_PAGES = 50;

export async function readAll<T>(read: (cursor: string | undefined) => Promise<Page<T>>): Promise<T[]> {
	const all: T[] = [];
	let cursor: string | null | undefined;
	for (let page = 0; page < MOST_PAGES && cursor !== null; page++) {
		const answer = await read(cursor);
		all.push(...answer.items);
		cursor = answer.next_cursor;
	}
	return all;
}

function kept<T>(read: () => Promise<T[]>): { load: () => Promise<T[]>; forget: () => void } {
	let promise: Promise<T[]> | null = null;
	let until = 0;
	return {
		load() {
			if (promise && Date.now() < until) return promise;
			until = Date.now() + KEPT_FOR;
			const mine = read();
			promise = mine;
			mine.catch(() => {
				if (promise === mine) promise = null;
			});
			return mine;
		},
		forget: () => (promise = null),
	};
}

export const products = kept<Product>(() => readAll((cursor) => take(api.GET("/products", { params: { query: { limit: 200, cursor } } }))));
export const environments = kept<Environment>(() =>
	readAll((cursor) => take(api.GET("/environments", { params: { query: { limit: 200, cursor } } }))),
);

/** Names as options of a filter; empty until they are there, and when they cannot be read. */
function useNames(load: () => Promise<{ name: string }[]>): { value: string; label: string }[] {
	const [names, setNames] = useState<string[]>([]);
	useEffect(() => {
		let gone = false;
		load().then(
			(items) => gone || setNames(items.map(({ name }) => name)),
			() => {},
		);
		return () => {
			gone = true;
		};
	}, []);
	return names.map((name) => ({ value: name, label: name }));
}

export const useProductNames = () => useNames(products.load);
export const useEnvironmentNames = () => useNames(environments.load);
