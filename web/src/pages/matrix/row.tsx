/** One row of the matrix: the product and its cells. Rendered again only when something of it has changed. */
import { Component } from "preact";
import { lookOfState } from "../../kit/badge";
import { Icon } from "../../kit/icon";
import { Link } from "../../kit/link";
import { visible } from "../../kit/text";
import { type Cell, type Column, drifts, type Row, troubleOf } from "./model";
import { ROW_HEIGHT } from "./window";
import { ageOf, attemptWord, cellLabel } from "./words";

interface RowProps {
	row: Row;
	/** Among the rows that are shown, from 0. */
	index: number;
	columns: readonly Column[];
	/** The column that Tab leads to; -1 the product, null when the row is not the one. */
	active: number | null;
	now: number;
	markDrift: boolean;
	/** The environments whose cells have just changed. */
	changed: ReadonlySet<string> | undefined;
}

function Attempt({ cell, now }: { cell: Cell; now: number }) {
	const { state, word } = attemptWord(cell.latest_attempt!.status, troubleOf(cell, now));
	const { tone, icon } = lookOfState(state);
	return (
		<span class={`badge tone-${tone}`}>
			<Icon name={icon} size={12} />
			<span>{word}</span>
		</span>
	);
}

/** As few elements as can be: some hundred cells are in sight. The spaces are for those who read or copy it as one text. */
function CellText({ cell, now }: { cell: Cell; now: number }) {
	return (
		<>
			<bdi class={cell.version === null ? "version none" : "version"}>{`${cell.version === null ? "no version" : visible(cell.version)} `}</bdi>
			{cell.since && <span class="age">{`${ageOf(cell, now)} `}</span>}
			{cell.latest_attempt && <Attempt cell={cell} now={now} />}
		</>
	);
}

/** A cell with another version than the one before it in the row begins a step. */
function stepsOf(row: Row, columns: readonly Column[]): boolean[] {
	let before: string | null = null;
	return columns.map(({ id }) => {
		const version = row.cells[id]?.version_id ?? null;
		const step = before !== null && version !== null && version !== before;
		before = version ?? before;
		return step;
	});
}

const PROPS = ["row", "index", "columns", "active", "now", "markDrift", "changed"] as const;

export class MatrixRow extends Component<RowProps> {
	override shouldComponentUpdate(next: RowProps): boolean {
		return PROPS.some((name) => next[name] !== this.props[name]);
	}

	override render({ row, index, columns, active, now, markDrift, changed }: RowProps) {
		const drift = drifts(row, columns);
		const steps = markDrift && drift ? stepsOf(row, columns) : null;
		const tab = (column: number) => (active === column ? 0 : -1);
		return (
			<div role="row" aria-rowindex={index + 2} data-row={index} class={steps ? "matrix-row drift" : "matrix-row"} style={{ top: `${index * ROW_HEIGHT}px` }}>
				<div role="rowheader" aria-colindex={1} class="matrix-product">
					<Link href={`/manage/products?view=${row.product_id}`} title={row.product_name} tabIndex={tab(-1)} data-column={-1}>
						<bdi>{visible(row.product_name)}</bdi>
					</Link>
					{steps && <Icon name="drift" size={14} label="drift" />}
				</div>
				{columns.map(({ id, name }, column) => {
					const cell = row.cells[id];
					const trouble = troubleOf(cell, now);
					const look = ["matrix-cell", trouble, steps?.[column] && "step", changed?.has(id) && "changed"].filter(Boolean).join(" ");
					return (
						<div
							key={id}
							role="gridcell"
							aria-colindex={column + 2}
							class={look}
							data-column={column}
							tabIndex={tab(column)}
							aria-label={cellLabel(row.product_name, name, cell, now)}
						>
							{cell && <CellText cell={cell} now={now} />}
						</div>
					);
				})}
			</div>
		);
	}
}
