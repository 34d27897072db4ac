/** The filters of the matrix: text, products, environments, types, only drift, only failing. */
import { useEffect, useRef, useState } from "preact/hooks";
import { useFilters, type Filters } from "../../app/filters";
import type { Matrix } from "../../api/types";
import { Button } from "../../kit/button";
import { Combobox } from "../../kit/combobox";
import type { Option } from "../../kit/field";
import { FilterRow } from "../../kit/filter_bar";
import { visible } from "../../kit/text";
import { type Choice, keyOf } from "./model";

const NAMES = ["q", "product", "environment", "type", "drift", "failing"] as const;
export type MatrixFilters = Filters<(typeof NAMES)[number]>;

const TYPES: readonly Option[] = ["dev", "test", "staging", "production", "other"].map((value) => ({ value, label: value }));
const TYPING_PAUSE_MS = 150;

export const useMatrixFilters = (): MatrixFilters => useFilters("matrix", NAMES);

const split = (value: string) => value.split(",").filter(Boolean);

export function choiceOf({ q, product, environment, type, drift, failing }: MatrixFilters["values"]): Choice {
	return { text: q, products: split(product), environments: split(environment), types: split(type), onlyDrift: drift === "1", onlyFailing: failing === "1" };
}

/** Part of a product's name; taken over when the typing pauses. */
function TextFilter({ value, onChange }: { value: string; onChange: (value: string) => void }) {
	const [text, setText] = useState(value);
	const timer = useRef(0);
	useEffect(() => {
		clearTimeout(timer.current);
		setText(value);
	}, [value]);
	useEffect(() => () => clearTimeout(timer.current), []);
	const type = (next: string) => {
		setText(next);
		clearTimeout(timer.current);
		timer.current = window.setTimeout(onChange, TYPING_PAUSE_MS, next);
	};
	return (
		<div class="field">
			<input
				type="search"
				aria-label="Part of a product's name"
				placeholder="Product contains …"
				autocomplete="off"
				spellcheck={false}
				value={text}
				onInput={(event) => type(event.currentTarget.value)}
			/>
		</div>
	);
}

const optionOf = (id: string, name: string): Option => ({ value: keyOf(id, name), label: visible(name) });

interface FilterProps {
	filters: MatrixFilters;
	matrix: Matrix | null;
	markDrift: boolean;
	onMarkDrift: (mark: boolean) => void;
}

export function MatrixFilterBar({ filters, matrix, markDrift, onMarkDrift }: FilterProps) {
	const { values, set } = filters;
	const several = (name: "product" | "environment" | "type", label: string, options: readonly Option[]) => (
		<Combobox compact several label={label} options={options} values={split(values[name])} onChange={(chosen) => set(name, chosen.join(","))} />
	);
	const only = (name: "drift" | "failing", label: string, title: string) => (
		<Button pressed={values[name] === "1"} title={title} onClick={() => set(name, values[name] === "1" ? "" : "1")}>
			{label}
		</Button>
	);
	return (
		<FilterRow count={NAMES.filter((name) => values[name]).length}>
			<TextFilter value={values.q} onChange={(text) => set("q", text)} />
			{several("product", "Product", matrix?.items.map((row) => optionOf(row.product_id, row.product_name)) ?? [])}
			{several("environment", "Environment", matrix?.environments.map(({ id, name }) => optionOf(id, name)) ?? [])}
			{several("type", "Environment type", TYPES)}
			{only("drift", "Only drift", "Products with more than one version in the environments shown")}
			{only("failing", "Only failing", "Products whose latest attempt somewhere failed, or has been open for more than a day")}
			<Button icon="drift" pressed={markDrift} title="Mark where the version changes from one environment to the next" onClick={() => onMarkDrift(!markDrift)}>
				Mark drift
			</Button>
			{filters.any && (
				<Button look="quiet" icon="cross" onClick={filters.clear}>
					Clear filters
				</Button>
			)}
		</FilterRow>
	);
}
