/** Seconds that count down to nothing. */
import { useEffect, useState } from "preact/hooks";

/** The clock decides, not the ticks: a tab in the background gets few of them. */
export function secondsLeft(until: number, now: number): number {
	return Math.max(0, Math.ceil((until - now) / 1000));
}

export function useCountdown(): { seconds: number; begin: (seconds: number) => void; over: boolean } {
	const [until, setUntil] = useState(0);
	const [now, setNow] = useState(0);
	const seconds = until ? secondsLeft(until, now) : 0;
	useEffect(() => {
		if (!until) return;
		const timer = setInterval(() => {
			const present = performance.now();
			setNow(present);
			if (present >= until) clearInterval(timer);
		}, 250);
		return () => clearInterval(timer);
	}, [until]);
	const begin = (wanted: number) => {
		const present = performance.now();
		setNow(present);
		setUntil(present + wanted * 1000);
	};
	return { seconds, begin, over: until > 0 && seconds === 0 };
}
