/** Where the reader is: path and query, over the History API. */
import { useMemo } from "preact/hooks";
import { createStore, useStore } from "./store";

export interface Place {
	path: string;
	query: string;
}

export const place = createStore<Place>(here());

function here(): Place {
	return { path: location.pathname.replace(/(?<=.)\/+$/, ""), query: location.search };
}

function follow(): void {
	const now = here();
	const before = place.get();
	if (now.path !== before.path || now.query !== before.query) place.set(now);
}

addEventListener("popstate", follow);

/** Goes to a path of these pages, with its query. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
	if (options.replace) history.replaceState(null, "", to);
	else history.pushState(null, "", to);
	follow();
}

export type Values = Record<string, string | null | undefined>;

/** The present address with these parameters changed; an empty one is left out. */
export function withQuery(values: Values): string {
	const query = new URLSearchParams(place.get().query);
	for (const [name, value] of Object.entries(values))
		if (value === null || value === undefined || value === "") query.delete(name);
		else query.set(name, value);
	const text = query.toString();
	return place.get().path + (text ? "?" + text : "");
}

/** Changes parameters of the present address. Replaces the entry of the history unless told to push. */
export function setQuery(values: Values, options: { push?: boolean } = {}): void {
	const to = withQuery(values);
	if (to !== place.get().path + place.get().query) navigate(to, { replace: !options.push });
}

/** A parameter of the present address; "" when it is not there. */
export function useQueryValue(name: string): string {
	const { query } = useStore(place);
	return useMemo(() => new URLSearchParams(query).get(name) ?? "", [query, name]);
}
