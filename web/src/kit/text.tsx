/** Texts that somebody sent us: a name keeps its writing direction to itself, and a long text is cut until it is asked for. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";

const INVISIBLE = /^[\s\p{Cc}\p{Cf}\p{Z}\p{Mn}\u115F\u1160\u2800\u3164\uFFA0]*$/u;
const MOST_NAMED = 4;
/** Embeddings, overrides, isolates. One that is not closed reaches beyond the element that isolates it: browsers close the nearest open one. */
const DIRECTIONS = /[\u202A-\u202E\u2066-\u2069]/g;

/** The text in its own order of letters; where nothing of it could be seen, the names of its characters. */
export function visible(text: string): string {
	if (!INVISIBLE.test(text)) return text.replace(DIRECTIONS, "");
	const points = [...text].map((one) => `U+${one.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`);
	return points.slice(0, MOST_NAMED).join(" ") + (points.length > MOST_NAMED ? " …" : "");
}

/** A name in a line of other words. */
export function Name({ text }: { text: string | null | undefined }) {
	return text ? <bdi class="name">{visible(text)}</bdi> : null;
}

interface LongTextProps {
	text: string;
	/** Shows three lines instead of eight before it is cut. */
	short?: boolean;
}

/** Lines as they came; a text that is longer than its room has a button that shows all of it. */
export function LongText({ text, short }: LongTextProps) {
	const [open, setOpen] = useState(false);
	const [cut, setCut] = useState(false);
	const box = useRef<HTMLDivElement>(null);
	useLayoutEffect(() => {
		const element = box.current!;
		const measure = () => setCut(element.scrollHeight > element.clientHeight + 2);
		if (open) return;
		measure();
		const observer = new ResizeObserver(measure);
		observer.observe(element);
		return () => observer.disconnect();
	}, [text, open]);
	return (
		<div class="long-text">
			<div ref={box} class={open ? "lines" : short ? "lines cut-short" : "lines cut"}>
				{visible(text)}
			</div>
			{(cut || open) && (
				<button type="button" class="show-all" aria-expanded={open} onClick={() => setOpen(!open)}>
					{open ? "Show less" : "Show all"}
				</button>
			)}
		</div>
	);
}
