/* The long test of killing one of two servers: node build/faults/server_kill.js [rounds], 20 by default, on the PostgreSQL that VERSIONER_TEST_DB
 * names. Exit code 0: nothing acknowledged was lost or doubled, and everything was told. */
import { NO_CLUSTER } from "../e2e/cluster";
import { Figures, server_kill_rounds } from "../e2e/server_kill";
import { table } from "./table";

const rounds = Number(process.argv[2] ?? process.env.VERSIONER_SERVER_KILL_ROUNDS ?? 20);
const row = table("round", "acknowledged", "retried", "lost", "doubled", "unanswered", "other's slowest", "notifications", "told twice");
let round = 0;

const tell = ({ stored: s, ...f }: Figures): void =>
	row(++round, s.acknowledged, s.retried, s.lost.length, s.doubled.length, f.broken, `${Math.round(f.slowest)} ms`, f.notifications, f.doubled_notifications);

async function run(): Promise<void> {
	if (NO_CLUSTER) throw new Error(NO_CLUSTER);
	const all = await server_kill_rounds(rounds, tell);
	const sum = (of: (f: Figures) => number): number => all.reduce((total, f) => total + of(f), 0);
	console.log(`${all.length} kills, ${sum((f) => f.stored.acknowledged)} acknowledged events, none lost, none doubled under a key; ` +
		`${sum((f) => f.notifications)} notifications, none lost, ${sum((f) => f.doubled_notifications)} arrived twice`);
}

run().catch((failure) => {
	console.error(failure);
	process.exitCode = 1;
});
