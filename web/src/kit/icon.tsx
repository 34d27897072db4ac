/** Our own icons: 16 × 16, drawn with the colour of the text. Without a label they are decoration. */

const PATHS = {
	check: "M3 8.5l3.5 3.5L13 4.5",
	cross: "M4 4l8 8M12 4l-8 8",
	failed: "M8 1.5l6.5 12h-13zM8 6v3.5M8 11.6v.2",
	running: "M8 2a6 6 0 1 1-6 6M8 5v3l2 1.5",
	waiting: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 5v3l2 1.5",
	stopped: "M5.4 1.8h5.2l3.6 3.6v5.2l-3.6 3.6H5.4l-3.6-3.6V5.4zM5.5 8h5",
	skipped: "M3 4l5 4-5 4zM9 4l4 4-4 4z",
	unknown: "M6 6a2 2 0 1 1 2.6 1.9c-.4.2-.6.5-.6 1V9.5M8 11.8v.2",
	rocket: "M9.5 10.5l-4-4C7 3 10 1.8 13.8 2.2 14.2 6 13 9 9.5 10.5zM5.5 6.5L2.5 7l2 2M9.5 10.5L9 13.5l-2-2M4 11l-1.5 2.5L5 12",
	box: "M2 5l6-3 6 3v6l-6 3-6-3zM2 5l6 3 6-3M8 8v6",
	search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.3L14 14",
	menu: "M2 4h12M2 8h12M2 12h12",
	user: "M8 2a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM2.5 14c.5-3 2.7-4.5 5.5-4.5s5 1.5 5.5 4.5",
	sun: "M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
	moon: "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z",
	system: "M2 3h12v8H2zM6 14h4M8 11v3",
	copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
	external: "M9 2.5h4.5V7M13.5 2.5L7.5 8.5M11.5 9.5v4h-9v-9h4",
	down: "M4 6l4 4 4-4",
	up: "M4 10l4-4 4 4",
	right: "M6 4l4 4-4 4",
	left: "M10 4L6 8l4 4",
	plus: "M8 3v10M3 8h10",
	trash: "M3 4.5h10M6 4.5v-2h4v2M4.5 4.5l.5 9h6l.5-9M7 7v4M9 7v4",
	edit: "M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3z",
	refresh: "M13 8a5 5 0 1 1-1.5-3.5L13 6M13 2.5V6H9.5",
	filter: "M2 3h12l-4.5 5.5V13l-3-1.5v-3z",
	key: "M5.5 7a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM7.7 7.8L13.5 2M11 4.5L13 6.5",
	bell: "M4 11V7a4 4 0 0 1 8 0v4l1.5 1.5h-11zM6.5 14h3",
	clock: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 4.5V8l2.5 1.5",
	commit: "M8 5.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5zM1 8h4.5M10.5 8H15",
	branch: "M4.5 2v12M4.5 10c5 0 7-2 7-5.5M11.5 2.5v2",
	rollback: "M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6M6 3.5l-3 3 3 3",
	info: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 7.5V11M8 5v.2",
	grid: "M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z",
	pulse: "M1 8h3.5L6.5 3l3 10 2-5H15",
	gear: "M8 5.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5zM8 1.5V4M8 12v2.5M1.5 8H4M12 8h2.5M3.4 3.4l1.8 1.8M10.8 10.8l1.8 1.8M12.6 3.4l-1.8 1.8M5.2 10.8l-1.8 1.8",
	logout: "M6.5 2.5h-4v11h4M10 5l3 3-3 3M13 8H6",
	drift: "M2 5h9M8.5 2.5L11 5 8.5 7.5M14 11H5M7.5 8.5L5 11l2.5 2.5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, label, size = 16 }: { name: IconName; label?: string; size?: number }) {
	return (
		<svg class="icon" viewBox="0 0 16 16" width={size} height={size} role={label ? "img" : undefined} aria-label={label} aria-hidden={label ? undefined : true}>
			<path d={PATHS[name]} />
		</svg>
	);
}
