/** What runs where, of the products on a page only: the whole matrix is too large to ask for here. */
import { useEffect, useRef, useState } from "preact/hooks";
import { api, take } from "../../api/client";
import type { Cell, Matrix } from "../../api/types";
import { useLive } from "../../app/live";
import { usePaced } from "./live_rows";

export interface Place {
	environment: string;
	cell: Cell;
}
export type Places = ReadonlyMap<string, readonly Place[]>;

/** As many names as a filter takes. */
const TOGETHER = 20;

/** The cells of each product, in the order of the environments. */
export function placesOf(matrix: Matrix): Map<string, Place[]> {
	return new Map(
		matrix.items.map((row) => [
			row.product_id,
			matrix.environments.flatMap(({ id, name }) => {
				const cell = row.cells[id];
				return cell ? [{ environment: name, cell }] : [];
			}),
		]),
	);
}

/** The newest of what was deployed. */
export function latestOf(places: readonly Place[] | undefined): string | null {
	const times = (places ?? []).flatMap(({ cell }) => [cell.since, cell.latest_attempt?.at]).filter((at): at is string => Boolean(at));
	return times.sort().at(-1) ?? null;
}

function chunks(ids: readonly string[]): string[][] {
	return Array.from({ length: Math.ceil(ids.length / TOGETHER) }, (_, at) => ids.slice(at * TOGETHER, (at + 1) * TOGETHER));
}

/** Cells by product; of those that have not been read yet, nothing. Follows live events. */
export function usePlaces(products: readonly string[]): Places {
	const [places, setPlaces] = useState<Places>(new Map());
	const asked = useRef(new Set<string>());
	const stale = useRef(new Set<string>());
	const aborter = useRef(new AbortController());

	const read = (ids: string[]) => {
		const { signal } = aborter.current;
		for (const some of chunks(ids))
			take(api.GET("/environment-state", { params: { query: { product: some.join(",") } }, signal })).then(
				(matrix) => signal.aborted || setPlaces((before) => new Map([...before, ...placesOf(matrix)])),
				() => some.forEach((id) => asked.current.delete(id)),
			);
	};
	const again = usePaced(() => {
		read([...stale.current]);
		stale.current.clear();
	});
	useLive((message) => {
		if (message.kind === "resync") asked.current.forEach((id) => stale.current.add(id));
		else if (message.event.kind === "deployment" && asked.current.has(message.event.product_id)) stale.current.add(message.event.product_id);
		if (stale.current.size) again();
	});
	const wanted = [...new Set(products)].sort().join(",");
	useEffect(() => {
		const fresh = wanted.split(",").filter((id) => id && !asked.current.has(id));
		fresh.forEach((id) => asked.current.add(id));
		if (fresh.length) read(fresh);
	}, [wanted]);
	useEffect(() => () => aborter.current.abort(), []);
	return places;
}
