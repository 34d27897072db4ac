/* The long test of losing the primary: node build/faults/failover.js [rounds], 10 by default. It makes its own PostgreSQL. Exit code 0: nothing
 * acknowledged was lost, nothing under an Idempotency-Key was doubled, and each bound was kept. */
import { failover_rounds, Figures } from "../e2e/failover";
import { table } from "./table";

const rounds = Number(process.argv[2] ?? process.env.VERSIONER_FAILOVER_ROUNDS ?? 10);
const row = table("round", "acknowledged", "retried", "lost", "doubled", "no primary", "written again", "slowest 503", "slowest read", "in doubt");
const ms = (value: number): string => `${Math.round(value)} ms`;
let round = 0;

const tell = ({ stored: s, ...f }: Figures): void =>
	row(++round, s.acknowledged, s.retried, s.lost.length, s.doubled.length, ms(f.away), ms(f.again), ms(f.refusal), ms(f.read), ms(f.in_doubt));

async function run(): Promise<void> {
	const all = await failover_rounds(rounds, tell);
	const most = (of: (f: Figures) => number): string => ms(Math.max(...all.map(of)));
	const sum = (of: (f: Figures) => number): number => all.reduce((total, f) => total + of(f), 0);
	console.log(`${all.length} failovers, ${sum((f) => f.stored.acknowledged)} acknowledged events, none lost, none doubled under a key; ` +
		`${sum((f) => f.stored.retried)} sent again, ${sum((f) => f.stored.duplicates)} of them without a key are there as duplicates`);
	console.log(`both servers wrote again at most ${most((f) => f.again)} after the command to promote; the slowest 503 took ${most((f) => f.refusal)}`);
}

run().catch((failure) => {
	console.error(failure);
	process.exitCode = 1;
});
