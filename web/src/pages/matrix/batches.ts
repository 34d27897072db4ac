/** Collects names and works them off in batches: one at a time, begun at most once in a while, so that a storm of events stays a trickle of requests. */

export interface Clock {
	now: () => number;
	later: (run: () => void, milliseconds: number) => number;
	cancel: (timer: number) => void;
}

const CLOCK: Clock = {
	now: () => performance.now(),
	later: (run, milliseconds) => window.setTimeout(run, milliseconds),
	cancel: (timer) => clearTimeout(timer),
};

export interface Batches {
	add: (name: string) => void;
	/** Forgets what waits. */
	clear: () => void;
	/** Nothing begins any more. */
	stop: () => void;
}

interface Limits {
	/** Between the beginnings of two batches. */
	pause: number;
	/** How long the first name waits for others. */
	gather: number;
	/** Names in a batch. */
	most: number;
	/** After failures the pause doubles up to here. */
	longest: number;
}

/** A batch whose work fails is added again. */
export function createBatches(work: (names: string[]) => Promise<void>, limits: Limits, clock: Clock = CLOCK): Batches {
	const waiting = new Set<string>();
	let timer = 0;
	let busy = false;
	let stopped = false;
	let begun = -Infinity;
	let { pause } = limits;

	const plan = () => {
		if (busy || timer || stopped || !waiting.size) return;
		timer = clock.later(run, Math.max(limits.gather, begun + pause - clock.now()));
	};
	const run = async () => {
		timer = 0;
		const names = [...waiting].slice(0, limits.most);
		for (const name of names) waiting.delete(name);
		if (!names.length) return;
		busy = true;
		begun = clock.now();
		try {
			await work(names);
			pause = limits.pause;
		} catch {
			pause = Math.min(pause * 2, limits.longest);
			for (const name of names) waiting.add(name);
		}
		busy = false;
		plan();
	};
	return {
		add(name) {
			waiting.add(name);
			plan();
		},
		clear: () => waiting.clear(),
		stop() {
			stopped = true;
			waiting.clear();
			clock.cancel(timer);
		},
	};
}
