/** Which rows are in sight, and where the keys lead. */

export const ROW_HEIGHT = 48;
const OVERSCAN = 3;
/** The window moves in steps of some rows, so that not each pixel renders. */
const STEP = 2;

export interface Span {
	first: number;
	/** Behind the last one. */
	end: number;
}

/** As many elements as a window of this height ever needs: row N is shown by element N modulo this, so that scrolling changes texts and makes no elements. */
export function elementsFor(height: number): number {
	return Math.ceil(height / ROW_HEIGHT) + 1 + 2 * (OVERSCAN + STEP);
}

export function rowsInSight(scrollTop: number, height: number, count: number): Span {
	const top = Math.floor(Math.max(0, scrollTop) / ROW_HEIGHT) - OVERSCAN;
	const bottom = Math.ceil((Math.max(0, scrollTop) + height) / ROW_HEIGHT) + OVERSCAN;
	const end = Math.min(count, Math.ceil(bottom / STEP) * STEP);
	return { first: Math.max(0, Math.min(Math.floor(top / STEP) * STEP, end)), end };
}

/** Row -1 is the head, column -1 the product. */
export interface Spot {
	row: number;
	column: number;
}

interface Size {
	rows: number;
	columns: number;
	/** Rows of a page. */
	page: number;
}

type Move = (spot: Spot, size: Size) => Spot;

const MOVES: Record<string, Move> = {
	ArrowDown: ({ row, column }) => ({ row: row + 1, column }),
	ArrowUp: ({ row, column }) => ({ row: row - 1, column }),
	ArrowRight: ({ row, column }) => ({ row, column: column + 1 }),
	ArrowLeft: ({ row, column }) => ({ row, column: column - 1 }),
	PageDown: ({ row, column }, { page }) => ({ row: row + page, column }),
	PageUp: ({ row, column }, { page }) => ({ row: row < 0 ? row : Math.max(0, row - page), column }),
	Home: ({ row }) => ({ row, column: -1 }),
	End: ({ row }, { columns }) => ({ row, column: columns - 1 }),
	"Control+Home": () => ({ row: 0, column: -1 }),
	"Control+End": ({}, { rows, columns }) => ({ row: rows - 1, column: columns - 1 }),
};

/** Where a key leads from a spot; null when it is no key of the matrix. The corner is no spot. */
export function moved(key: string, control: boolean, spot: Spot, size: Size): Spot | null {
	const move = MOVES[control ? `Control+${key}` : key];
	if (!move) return null;
	const to = move(spot, size);
	const row = Math.max(-1, Math.min(to.row, size.rows - 1));
	const column = Math.max(row === -1 ? 0 : -1, Math.min(to.column, size.columns - 1));
	return column < 0 && row < 0 ? spot : { row, column };
}
