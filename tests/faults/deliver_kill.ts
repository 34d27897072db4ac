/* The long test of kill -9 while delivering: node build/faults/deliver_kill.js [rounds], 20 by default. */
import { deliver_kill_rounds } from "../e2e/deliver_kill";

const rounds = Number(process.argv[2] ?? process.env.VERSIONER_DELIVER_ROUNDS ?? 20);

deliver_kill_rounds(rounds).then(
	({ kills, doubled }) => console.log(`${kills} kills while delivering, none lost, none out of order, ${doubled} arrived twice`),
	(failure) => {
		console.error(failure);
		process.exitCode = 1;
	},
);
