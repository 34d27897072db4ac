/** The matrix as a grid: only the rows in sight are there, head and products stay, arrow keys move. */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Icon } from "../../kit/icon";
import { visible } from "../../kit/text";
import type { Changes, Column, Row } from "./model";
import { MatrixRow } from "./row";
import { elementsFor, moved, ROW_HEIGHT, rowsInSight, type Spot } from "./window";
import { cellTitle } from "./words";

interface GridProps {
	rows: readonly Row[];
	columns: readonly Column[];
	now: number;
	markDrift: boolean;
	changes: Changes;
	/** What is shown is not what was asked for: that is still being read. */
	busy: boolean;
	/** The id of the only environment that is shown, if it was chosen. */
	chosen: string | null;
	onHead: (column: Column) => void;
	onOpen: (row: Row, column: Column) => void;
}

/** The place that Tab leads to, by ids, so that it stays where it is when rows come and go. Null: the head, or the product. */
interface Mark {
	product: string | null;
	environment: string | null;
}

/** The scrolled frame and the rows in its sight. */
function useSight(count: number) {
	const frame = useRef<HTMLDivElement>(null);
	const [span, setSpan] = useState(() => ({ ...rowsInSight(0, innerHeight, count), elements: elementsFor(innerHeight) }));
	const look = useCallback(() => {
		const { scrollTop, clientHeight } = frame.current!;
		const next = { ...rowsInSight(scrollTop, clientHeight, count), elements: elementsFor(clientHeight) };
		setSpan((before) => (before.first === next.first && before.end === next.end && before.elements === next.elements ? before : next));
	}, [count]);
	useLayoutEffect(() => {
		const observer = new ResizeObserver(look);
		observer.observe(frame.current!);
		look();
		return () => observer.disconnect();
	}, [look]);
	return { frame, span, look };
}

/** The spot of an element inside the grid. */
function spotOf(target: EventTarget | null): Spot | null {
	const cell = (target as Element | null)?.closest?.<HTMLElement>("[data-column]");
	const row = cell?.closest<HTMLElement>("[data-row]");
	return cell && row ? { row: Number(row.dataset.row), column: Number(cell.dataset.column) } : null;
}

function Head({ columns, active, chosen }: { columns: readonly Column[]; active: number | null; chosen: string | null }) {
	return (
		<div role="rowgroup" class="matrix-head">
			<div role="row" aria-rowindex={1} data-row={-1} class="matrix-row">
				<div role="columnheader" aria-colindex={1} class="matrix-product">
					Product
				</div>
				{columns.map(({ id, name, type }, column) => (
					<div key={id} role="columnheader" aria-colindex={column + 2} class="matrix-environment">
						<button
							type="button"
							data-column={column}
							tabIndex={active === column ? 0 : -1}
							aria-pressed={chosen === id}
							title={chosen === id ? "Show all environments" : `Show only ${name}`}
						>
							<bdi class="name">{visible(name)}</bdi>
							{type !== name && <span class="type">{type}</span>}
							{chosen === id && <Icon name="filter" size={12} />}
						</button>
					</div>
				))}
			</div>
		</div>
	);
}

export function Grid(props: GridProps) {
	const { rows, columns, now, markDrift, changes, busy, chosen } = props;
	const { frame, span, look } = useSight(rows.length);
	const [mark, setMark] = useState<Mark>({ product: rows[0]?.product_id ?? null, environment: columns[0]?.id ?? null });
	const wantsFocus = useRef(false);
	const places = useMemo(() => new Map(rows.map((row, index) => [row.product_id, index])), [rows]);

	// What is marked may have gone: then its neighbour by number.
	const row = mark.product === null ? -1 : (places.get(mark.product) ?? 0);
	const found = columns.findIndex(({ id }) => id === mark.environment);
	const spot: Spot = { row, column: mark.environment === null && row >= 0 ? -1 : Math.max(found, 0) };
	const setSpot = ({ row, column }: Spot) => setMark({ product: rows[row]?.product_id ?? null, environment: columns[column]?.id ?? null });

	// An element shows another row after scrolling: the focus stays with the row, not with the element.
	const hadFocus = frame.current?.querySelector(".matrix-body")?.contains(document.activeElement);
	useLayoutEffect(() => {
		const at = spotOf(document.activeElement);
		if (!wantsFocus.current && (!hadFocus || (at?.row === spot.row && at.column === spot.column))) return;
		const element = frame.current!.querySelector<HTMLElement>(`[data-row="${spot.row}"] [data-column="${spot.column}"]`);
		element?.focus({ preventScroll: true });
		if (wantsFocus.current) element?.scrollIntoView({ block: "nearest", inline: "nearest" });
		wantsFocus.current = false;
	});
	// Other rows: from the top.
	const first = rows[0]?.product_id;
	useEffect(() => {
		if (frame.current && !frame.current.contains(document.activeElement)) frame.current.scrollTop = 0;
	}, [first, rows.length]);

	const open = (at: Spot) => {
		const [one, column] = [rows[at.row], columns[at.column]];
		if (at.row === -1 && column) props.onHead(column);
		else if (one && column && one.cells[column.id]) props.onOpen(one, column);
	};
	const onKeyDown = (event: KeyboardEvent) => {
		const at = spotOf(event.target);
		if (!at || event.altKey || event.metaKey || event.shiftKey) return;
		if ((event.key === "Enter" || event.key === " ") && at.row >= 0 && at.column >= 0) open(at);
		else {
			const page = Math.max(1, Math.floor(frame.current!.clientHeight / ROW_HEIGHT) - 2);
			const to = moved(event.key, event.ctrlKey, at, { rows: rows.length, columns: columns.length, page });
			if (!to) return;
			wantsFocus.current = true;
			setSpot(to);
		}
		event.preventDefault();
	};
	const onClick = (event: MouseEvent) => {
		const at = spotOf(event.target);
		if (at && at.column >= 0) open(at);
	};
	const onFocusIn = (event: FocusEvent) => {
		const at = spotOf(event.target);
		if (at && (at.row !== spot.row || at.column !== spot.column)) setSpot(at);
	};

	const onPointerOver = (event: PointerEvent) => {
		const at = spotOf(event.target);
		const cell = at && rows[at.row]?.cells[columns[at.column]?.id ?? ""];
		if (cell) (event.target as Element).closest<HTMLElement>("[data-column]")!.title = cellTitle(cell);
	};

	const end = Math.min(span.end, rows.length);
	const indices = Array.from({ length: Math.max(0, end - span.first) }, (_, i) => span.first + i);
	// The marked row is always there, or the focus would be lost with it.
	const apart = spot.row >= 0 && (spot.row < span.first || spot.row >= end);
	if (apart) indices.push(spot.row);
	return (
		<div
			ref={frame}
			class={busy ? "matrix-frame busy" : "matrix-frame"}
			role="grid"
			aria-label="What runs where"
			aria-rowcount={rows.length + 1}
			aria-colcount={columns.length + 1}
			aria-busy={busy}
			style={{ "--columns": columns.length }}
			onScroll={look}
			onKeyDown={onKeyDown}
			onClick={onClick}
			onFocusIn={onFocusIn}
			onPointerOver={onPointerOver}
		>
			<Head columns={columns} active={spot.row === -1 ? spot.column : null} chosen={chosen} />
			<div role="rowgroup" class="matrix-body" style={{ height: `${rows.length * ROW_HEIGHT}px` }}>
				{indices.map((index) => {
					const one = rows[index]!;
					return (
						<MatrixRow
							key={apart && index === spot.row ? "marked" : index % span.elements}
							row={one}
							index={index}
							columns={columns}
							active={index === spot.row ? spot.column : null}
							now={now}
							markDrift={markDrift}
							changed={changes.get(one.product_id)}
						/>
					);
				})}
			</div>
		</div>
	);
}
