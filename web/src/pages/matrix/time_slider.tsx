/** The matrix as it was: a slider over the last thirty days, and the banner that says so. */
import { useEffect, useRef, useState } from "preact/hooks";
import { setQuery } from "../../app/location";
import { Button } from "../../kit/button";
import { Icon } from "../../kit/icon";
import { relativeTime, shortTime } from "../../kit/time";
import { stepOf, STEPS, timeOf } from "./moments";

const PAUSE_MS = 250;
const DAY = 24;

const go = (at: string) => setQuery({ at });

export function TimeSlider({ at }: { at: string }) {
	const [step, setStep] = useState(() => stepOf(at, Date.now()));
	const timer = useRef(0);
	useEffect(() => {
		clearTimeout(timer.current);
		setStep(stepOf(at, Date.now()));
	}, [at]);
	useEffect(() => () => clearTimeout(timer.current), []);

	const move = (next: number) => {
		const to = Math.max(-STEPS, Math.min(0, next));
		setStep(to);
		clearTimeout(timer.current);
		timer.current = window.setTimeout(() => go(timeOf(to, Date.now())), PAUSE_MS);
	};
	const now = Date.now();
	const settled = at && stepOf(at, now) === step;
	const time = settled ? at : timeOf(step, now);
	const words = time ? `${shortTime(time)}, ${relativeTime(time, now)}` : "Now";
	const jump = (icon: "left" | "right", label: string, by: number) => (
		<Button look="quiet" icon={icon} label={label} disabled={by < 0 ? step <= -STEPS : step >= 0} onClick={() => move(step + by)} />
	);
	return (
		<div class="time-slider" role="group" aria-label="Time">
			<Icon name="clock" />
			{jump("left", "A day back", -DAY)}
			<input
				type="range"
				aria-label="The matrix as it was"
				aria-valuetext={words}
				min={-STEPS}
				max={0}
				step={1}
				value={step}
				onInput={(event) => move(Number(event.currentTarget.value))}
			/>
			{jump("right", "A day on", DAY)}
			<output>{words}</output>
		</div>
	);
}

export function PastBanner({ at }: { at: string }) {
	return (
		<div class="notice notice-warn past-banner" role="status">
			<Icon name="rollback" />
			<p>
				You look at the past: <strong>{shortTime(at)}</strong>. Ages are as they were then.
			</p>
			<Button onClick={() => go("")}>Back to now</Button>
		</div>
	);
}
