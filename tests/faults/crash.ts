/* The long crash test: node build/faults/crash.js [rounds], 50 by default. */
import { crash_rounds } from "../e2e/crash";

const rounds = Number(process.argv[2] ?? process.env.VERSIONER_CRASH_ROUNDS ?? 50);

crash_rounds(rounds).then(
	(acknowledged) => console.log(`${rounds} crashes, ${acknowledged} acknowledged events, none lost`),
	(failure) => {
		console.error(failure);
		process.exitCode = 1;
	},
);
