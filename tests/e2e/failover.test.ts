/* The short form of losing the primary, and what else a synchronous standby is for; tests/faults/failover.ts is the long one. */
import { describe, test } from "node:test";
import { strict as assert } from "node:assert";
import { deploy, event_of, events_of } from "./api";
import { DatabaseNode, NO_CLUSTER, with_cluster } from "./cluster";
import { failover_rounds, WHEN_LOST } from "./failover";
import { with_server } from "./server";

const ROUNDS = Number(process.env.VERSIONER_FAILOVER_ROUNDS ?? 2);
const WAITS = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

const somebody_waits = (primary: DatabaseNode): Promise<void> => primary.wait_for(`SELECT count(*) > 0 ${WAITS}`, "nobody waits for the standby");

describe("the loss of a database server", { skip: NO_CLUSTER }, () => {
	test(`${ROUNDS} times the primary dies under load and its synchronous standby is promoted: nothing acknowledged is lost or doubled`, async () => {
		const all = await failover_rounds(ROUNDS);
		assert.equal(all.length, ROUNDS);
		assert.ok(all.every(({ stored }) => stored.acknowledged >= 200 && stored.retried > 0));
	});

	test("an event that only the primary has is not acknowledged, even if its connection breaks: it is lost with the primary, and stored anew", async () => {
		await with_cluster({ durable: true }, async (cluster) => {
			const { primary } = cluster;
			const standby = await cluster.add_standby({ synchronous: true });
			await with_server({ db: cluster.url_of(primary, standby) }, async (server) => {
				server.expect_errors(WHEN_LOST);
				const before = await deploy(server, {});
				standby.kill();
				const fields = event_of("deployment");
				let answered = false;
				const answer = server.post("/deployment-events/", fields).finally(() => (answered = true));
				await somebody_waits(primary);
				primary.query(`SELECT pg_terminate_backend(pid) ${WAITS}`); /* it has committed, and does not say so any more */
				await primary.wait_for(`SELECT count(*) = 1 FROM event WHERE payload LIKE '%${fields.product_name}%'`, "the event is not there");
				await somebody_waits(primary);
				assert.ok(!answered, "acknowledged without the standby");
				primary.kill();
				standby.start_again();
				standby.promote();
				const { status, json } = await answer;
				assert.equal(status, 200);
				assert.deepEqual((await events_of(server, fields.product_name as string)).map(({ id }) => id), [json.event_id]);
				assert.equal((await server.get(`/events/${before.event_id}`)).status, 200);
				server.assert_check_is_green();
			});
		});
	});
});
