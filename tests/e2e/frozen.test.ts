/* The short form of a database that hangs; tests/faults/frozen.ts is the long one, with the times that the program has by itself. */
import { describe, test } from "node:test";
import { NO_CLUSTER } from "./cluster";
import { frozen_network, frozen_primary, frozen_stop, IMPATIENT } from "./frozen";

describe("a database that hangs and ends no connection", { skip: NO_CLUSTER, concurrency: true }, () => {
	test("each request is answered in time, a commit that hung is there once, and writes go on", () => frozen_network(IMPATIENT).then(() => undefined));
	test("a standby that is promoted is found", () => frozen_primary(IMPATIENT).then(() => undefined));
	test("SIGTERM ends the server, and who waits is told", () => frozen_stop().then(() => undefined));
});
