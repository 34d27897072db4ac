/** Filters of a page: in the address, and remembered for the next visit. An address that says something wins over memory. */
import { useEffect, useMemo } from "preact/hooks";
import { place, setQuery } from "./location";
import { recallObject, remember } from "./storage";
import { useStore } from "./store";

export interface Filters<Name extends string> {
	/** What the address says; "" where a filter is not set. Several values stand by commas, as the API takes them. */
	values: Record<Name, string>;
	set: (name: Name, value: string) => void;
	clear: () => void;
	any: boolean;
}

/** `page` is the name under which they are remembered, `names` the parameters of the address (constant). */
export function useFilters<Name extends string>(page: string, names: readonly Name[]): Filters<Name> {
	const { query } = useStore(place);
	useEffect(() => {
		if (place.get().query) return;
		const kept = recallObject(`filters.${page}`) ?? {};
		setQuery(Object.fromEntries(names.map((name) => [name, typeof kept[name] === "string" ? (kept[name] as string) : null])));
	}, [page]);

	return useMemo(() => {
		const found = new URLSearchParams(query);
		const values = Object.fromEntries(names.map((name) => [name, found.get(name) ?? ""])) as Record<Name, string>;
		const change = (next: Partial<Record<Name, string>>) => {
			remember(`filters.${page}`, { ...values, ...next });
			setQuery(next);
		};
		return {
			values,
			set: (name, value) => change({ [name]: value } as Record<Name, string>),
			clear: () => change(Object.fromEntries(names.map((name) => [name, ""])) as Record<Name, string>),
			any: names.some((name) => values[name] !== ""),
		};
	}, [query, page]);
}
