/** The history of a product as a picture: a lane for each environment, a bar for what ran when, marks for what went wrong. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { visible } from "../../kit/text";
import { duration, shortTime } from "../../kit/time";
import type { History } from "./history";
import { neighbour, seriesOf, ticks, type Bar, type Lane, type Mark } from "./lanes";
import { BarShape, MarkShape, MARKS } from "./shapes";

type Item = Bar | Mark;
export interface Scale {
	x: (at: number) => number;
	width: number;
	/** Where a bar that goes on ends. */
	to: number;
}

const LANE_HEIGHT = 46;
const TICK_ROOM = 80;
const SERIES = 6;
const DAY_FORMAT = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const iso = (at: number) => new Date(at).toISOString();

/** What an item says, in the tooltip and to those who hear it. */
export function wordsOf(item: Item, environment: string, now: number): string[] {
	const what = item.kind === "bar" ? "ran" : MARKS[item.what].word;
	const lines = [`${visible(item.version)} ${what} in ${visible(environment)}`];
	if (item.kind === "mark") return [...lines, shortTime(iso(item.from))];
	lines.push(item.older ? "from before this picture" : `from ${shortTime(iso(item.from))}`);
	lines.push(item.to === null ? "to now" : `to ${shortTime(iso(item.to))}`);
	lines.push(`${item.older ? "at least " : ""}${duration((item.to ?? now) - item.from)}`);
	if (item.redeploys) lines.push(item.redeploys === 1 ? "deployed again once" : `deployed again ${item.redeploys} times`);
	return lines;
}

/** Bars and marks in the order in which the arrow keys go through them. */
function itemsOf(lane: Lane): Item[] {
	return [...lane.bars, ...lane.marks].sort((a, b) => a.from - b.from);
}

/** The width that the lanes have; 0 until they are laid out. */
function useWidth() {
	const box = useRef<HTMLDivElement>(null);
	const [width, setWidth] = useState(0);
	useLayoutEffect(() => {
		const measure = () => setWidth(Math.floor(box.current!.clientWidth));
		measure();
		const observer = new ResizeObserver(measure);
		observer.observe(box.current!);
		return () => observer.disconnect();
	}, []);
	return { box, width };
}

interface Tip {
	lines: string[];
	left: number;
	top: number;
}

export function Timeline({ history, label }: { history: History; label: string }) {
	const { box, width } = useWidth();
	const frame = useRef<HTMLDivElement>(null);
	const [active, setActive] = useState<[lane: number, at: number]>([0, Infinity]);
	const [tip, setTip] = useState<Tip | null>(null);
	const { lanes, from, to } = history;
	const items = lanes.map(itemsOf);
	const series = seriesOf(lanes);
	const scale: Scale = { x: (at) => ((Math.min(Math.max(at, from), to) - from) / (to - from)) * width, width, to };
	const lines = ticks(from, to, Math.max(1, Math.floor(width / TICK_ROOM)));

	const show = (element: Element, lane: Lane, item: Item) => {
		const outer = frame.current!.getBoundingClientRect();
		const inner = element.getBoundingClientRect();
		const middle = (Math.max(inner.left, outer.left) + Math.min(inner.right, outer.right)) / 2 - outer.left;
		setTip({ lines: wordsOf(item, lane.environment, to), left: Math.min(Math.max(middle, 110), Math.max(110, outer.width - 110)), top: inner.bottom - outer.top + 4 });
	};
	const onKeyDown = (event: KeyboardEvent, lane: number, at: number) => {
		if (event.key === "Escape" && tip) {
			event.stopPropagation();
			return setTip(null);
		}
		const next = neighbour(items, lane, at, event.key);
		if (!next) return;
		event.preventDefault();
		setActive(next);
		frame.current?.querySelector<SVGElement>(`[data-item="${next[0]}-${next[1]}"]`)?.focus();
	};
	const [activeLane, activeAt] = [Math.min(active[0], lanes.length - 1), active[1]];

	return (
		<div class="timeline" ref={frame} role="group" aria-label={label}>
			{lanes.map((lane, l) => (
				<div class="lane" key={lane.id}>
					<div class="lane-name">
						<bdi>{visible(lane.environment)}</bdi>
					</div>
					<div class="lane-track" ref={l === 0 ? box : undefined}>
						{width > 0 && (
							<svg width={width} height={LANE_HEIGHT} role="group" aria-label={lane.environment}>
								{lines.map((at) => (
									<line key={at} class="tick" x1={scale.x(at)} x2={scale.x(at)} y1={0} y2={LANE_HEIGHT} />
								))}
								{items[l]!.map((item, i) => {
									const Shape = item.kind === "bar" ? BarShape : MarkShape;
									return (
										<Shape
											key={`${item.kind}-${item.deployment_id}`}
											item={item as Bar & Mark}
											scale={scale}
											series={(series.get(item.version_id) ?? 0) % SERIES}
											label={wordsOf(item, lane.environment, to).join(", ")}
											name={`${l}-${i}`}
											reachable={l === activeLane && i === Math.min(activeAt, items[l]!.length - 1)}
											onShow={(element) => show(element, lane, item)}
											onHide={() => setTip(null)}
											onFocus={() => setActive([l, i])}
											onKeyDown={(event) => onKeyDown(event, l, i)}
										/>
									);
								})}
							</svg>
						)}
					</div>
				</div>
			))}
			<div class="lane axis" aria-hidden="true">
				<div class="lane-name" />
				<div class="lane-track">
					<svg width={width} height={18}>
						{lines.map((at) => (
							<text key={at} x={scale.x(at)} y={13} text-anchor={scale.x(at) < 20 ? "start" : scale.x(at) > width - 20 ? "end" : "middle"}>
								{DAY_FORMAT.format(at)}
							</text>
						))}
					</svg>
				</div>
			</div>
			{tip && (
				<div class="timeline-tip" style={{ left: `${tip.left}px`, top: `${tip.top}px` }} aria-hidden="true">
					{tip.lines.map((line, at) => (
						<div key={at}>
							<bdi>{line}</bdi>
						</div>
					))}
				</div>
			)}
		</div>
	);
}
