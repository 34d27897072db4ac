/* Rows of figures, as they come. */

/* Prints the head, and gives what prints a row. */
export function table(...head: string[]): (...cells: (string | number)[]) => void {
	const row = (...cells: (string | number)[]): void => console.log(cells.map((cell, i) => String(cell).padStart(Math.max(head[i].length, 8))).join("  "));
	row(...head);
	return row;
}
