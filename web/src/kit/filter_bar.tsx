/** A row of filters over a list, bound to useFilters(). */
import type { Filters } from "../app/filters";
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { Button } from "./button";
import { Combobox } from "./combobox";
import type { Option } from "./field";

export interface Filter<Name extends string> {
	name: Name;
	label: string;
	/** What may be chosen; without options any text may be typed. */
	options?: readonly Option[];
	/** One value only. */
	single?: boolean;
	/** A day and time; kept as RFC 3339. */
	time?: boolean;
}

interface FilterBarProps<Name extends string> {
	filters: Filters<Name>;
	fields: readonly Filter<Name>[];
}

/** Commas separate values in the address; a value with a comma in it cannot be filtered for by name. */
function split(value: string): string[] {
	return value ? value.split(",").filter(Boolean) : [];
}

/** What an input of type datetime-local shows for a time. */
function localOf(iso: string): string {
	const at = new Date(iso);
	if (Number.isNaN(at.getTime())) return "";
	return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function TimeFilter({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
	const change = (local: string) => {
		const at = new Date(local);
		onChange(Number.isNaN(at.getTime()) ? "" : at.toISOString());
	};
	return (
		<label class="time-filter">
			<span>{label}</span>
			<input type="datetime-local" value={localOf(value)} onChange={(event) => change(event.currentTarget.value)} />
		</label>
	);
}

/** The row itself. Where there is no room for it, a button that opens it; `count`: how many are set. */
export function FilterRow({ count, children }: { count: number; children: ComponentChildren }) {
	const id = useId();
	const [open, setOpen] = useState(false);
	return (
		<div class="filters">
			<span class="filter-fold">
				<Button icon="filter" expanded={open} controls={id} onClick={() => setOpen(!open)}>
					{count ? `Filters (${count} set)` : "Filters"}
				</Button>
			</span>
			<div id={id} class={open ? "filter-bar open" : "filter-bar"} role="group" aria-label="Filters">
				{children}
			</div>
		</div>
	);
}

export function FilterBar<Name extends string>({ filters, fields }: FilterBarProps<Name>) {
	return (
		<FilterRow count={fields.filter(({ name }) => filters.values[name]).length}>
			{fields.map((field) =>
				field.time ? (
					<TimeFilter key={field.name} label={field.label} value={filters.values[field.name]} onChange={(value) => filters.set(field.name, value)} />
				) : (
					<Combobox
						key={field.name}
						compact
						several={!field.single}
						free={!field.options}
						label={field.label}
						options={field.options ?? []}
						values={split(filters.values[field.name])}
						onChange={(values) => filters.set(field.name, values.join(","))}
					/>
				),
			)}
			{filters.any && (
				<Button look="quiet" icon="cross" onClick={filters.clear}>
					Clear filters
				</Button>
			)}
		</FilterRow>
	);
}

/** The states as options. */
export const STATE_OPTIONS: readonly Option[] = ["completed", "started", "pending", "failed", "aborted", "preflight_failed"].map((state) => ({
	value: state,
	label: state.replaceAll("_", " "),
}));
