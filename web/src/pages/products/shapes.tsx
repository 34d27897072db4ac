/** A bar and a mark of the picture: links to their deployments, with names for those who cannot see them. */
import type { ComponentChildren } from "preact";
import { navigate } from "../../app/location";
import type { Tone } from "../../kit/badge";
import { Icon, type IconName } from "../../kit/icon";
import { visible } from "../../kit/text";
import { deploymentPath } from "../history/links";
import type { Bar, Mark } from "./lanes";
import type { Scale } from "./timeline";

export const MARKS: Record<Mark["what"], { tone: Tone; icon: IconName; word: string; name: string }> = {
	failed: { tone: "bad", icon: "failed", word: "failed", name: "failed" },
	preflight_failed: { tone: "bad", icon: "cross", word: "was held back by a rule", name: "held back" },
	aborted: { tone: "warn", icon: "stopped", word: "was stopped", name: "stopped" },
	rollback: { tone: "warn", icon: "rollback", word: "was rolled back to", name: "rolled back" },
	pending: { tone: "wait", icon: "waiting", word: "is to be deployed", name: "pending" },
	started: { tone: "busy", icon: "running", word: "is being deployed", name: "in progress" },
};

const TOP = 16;
const HEIGHT = 26;
const NARROWEST = 3;
const MARK_Y = 9;
const MARK_RADIUS = 8;
/** Of the text in a bar, about; what does not fit is cut. */
const LETTER_PX = 7;

interface ShapeProps<T> {
	item: T;
	scale: Scale;
	series: number;
	label: string;
	/** Which one it is, for the focus. */
	name: string;
	/** Whether Tab goes here. */
	reachable: boolean;
	onShow: (element: Element) => void;
	onHide: () => void;
	onFocus: () => void;
	onKeyDown: (event: KeyboardEvent) => void;
}

function Item({ id, props, class: look, children }: { id: string; props: ShapeProps<unknown>; class: string; children: ComponentChildren }) {
	const href = deploymentPath(id);
	return (
		<a
			href={href}
			class={look}
			tabindex={props.reachable ? 0 : -1}
			aria-label={props.label}
			data-item={props.name}
			onClick={(event: MouseEvent) => {
				if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
				event.preventDefault();
				navigate(href);
			}}
			onPointerEnter={(event: PointerEvent) => props.onShow(event.currentTarget as Element)}
			onPointerLeave={props.onHide}
			onFocus={(event: FocusEvent) => {
				props.onFocus();
				props.onShow(event.currentTarget as Element);
			}}
			onBlur={props.onHide}
			onKeyDown={props.onKeyDown}
		>
			{children}
		</a>
	);
}

function fitting(text: string, width: number): string {
	const letters = [...text];
	const room = Math.floor((width - 8) / LETTER_PX);
	if (letters.length <= room) return text;
	return room >= 4 ? letters.slice(0, room - 1).join("") + "…" : "";
}

export function BarShape(props: ShapeProps<Bar>) {
	const { item, scale, series } = props;
	const x = scale.x(item.from);
	const width = Math.max(NARROWEST, scale.x(item.to ?? scale.to) - x);
	return (
		<Item id={item.deployment_id} props={props} class={`bar series-${series}`}>
			<rect x={Math.min(x, scale.width - NARROWEST)} y={TOP} width={width} height={HEIGHT} rx={Math.min(4, width / 3)} />
			<text x={x + 5} y={TOP + 17} aria-hidden="true">
				{fitting(visible(item.version), width)}
			</text>
		</Item>
	);
}

export function MarkShape(props: ShapeProps<Mark>) {
	const { item, scale } = props;
	const { tone, icon } = MARKS[item.what];
	const x = Math.min(Math.max(scale.x(item.from), MARK_RADIUS), scale.width - MARK_RADIUS);
	return (
		<Item id={item.deployment_id} props={props} class={`mark mark-${tone}`}>
			<circle cx={x} cy={MARK_Y} r={MARK_RADIUS} />
			<g transform={`translate(${x - 5.5} ${MARK_Y - 5.5})`}>
				<Icon name={icon} size={11} />
			</g>
		</Item>
	);
}
