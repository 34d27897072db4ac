/* A database that hangs without ending a connection: node build/faults/frozen.js, on the PostgreSQL that VERSIONER_TEST_DB names. Exit code 0:
 * each request was answered in time, and writes went on. */
import { NO_CLUSTER } from "../e2e/cluster";
import { frozen_network, frozen_primary, frozen_stop } from "../e2e/frozen";
import { table } from "./table";

const ms = (value: number): string => `${Math.round(value)} ms`;

/* Each part is tried, whatever became of the one before. */
async function attempt(what: string, part: () => Promise<void>): Promise<void> {
	try {
		await part();
	} catch (failure) {
		process.exitCode = 1;
		console.error(`${what}: ${(failure as Error).message.split("\n")[0]}`);
	}
}

async function run(): Promise<void> {
	if (NO_CLUSTER) throw new Error(NO_CLUSTER);
	const row = table("what hangs ", "slowest write", "slowest read", "slowest /ready", "written again", "stopped within");
	for (const [what, part] of [["the network", frozen_network], ["the primary", frozen_primary]] as const)
		await attempt(what, async () => {
			const f = await part();
			row(what, ms(f.write), ms(f.read), ms(f.ready), ms(f.again), "");
		});
	await attempt("a stop", async () => row("the network", "", "", "", "", ms(await frozen_stop())));
}

run().catch((failure) => {
	console.error(failure);
	process.exitCode = 1;
});
