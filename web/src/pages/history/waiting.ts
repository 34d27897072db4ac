/** Deliveries are no events: while one waits, its state is asked for now and then. */
import { useEffect } from "preact/hooks";

const WAITING_CHECK_MS = 5000;

export function useWaiting(notifications: readonly { state: string }[] | undefined, reload: () => void): void {
	const waiting = notifications?.some(({ state }) => state === "waiting") ?? false;
	useEffect(() => {
		if (!waiting) return;
		const timer = setInterval(() => document.hidden || reload(), WAITING_CHECK_MS);
		return () => clearInterval(timer);
	}, [waiting, reload]);
}
