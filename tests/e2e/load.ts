/* Clients that send events to one or several servers, each event until it is acknowledged, and remember what they were told. */
import { strict as assert } from "node:assert";
import { Kind, list_all } from "./api";
import { Answer, Server, sleep } from "./server";

export interface LoadOptions {
	clients?: number;
	pause?: number; /* milliseconds between a client's events */
	may_break?: (server: Server) => boolean; /* whose connections may break, because the test ends it */
}

/* One try at an event. Times are those of performance.now(). */
export interface Try {
	server: Server;
	sent: number;
	answered: number;
	status: number; /* 0: the connection broke */
}

/* An event that was acknowledged. */
export interface Told {
	name: string; /* product, version, run and status: no other event has it */
	keyed: boolean; /* sent under an Idempotency-Key; the others only have the id of their run */
	kind: Kind;
	event_id: string;
	attempt: string; /* path of the deployment or build */
	tries: number;
}

/* What the log says of a load that has stopped. */
export interface Stored {
	acknowledged: number;
	retried: number;
	lost: Told[]; /* acknowledged, and not exactly once there under the id that was told */
	doubled: Told[]; /* there more than once although under a key */
	duplicates: number; /* there once more because they were sent once more without a key */
}

const PATIENCE = process.env.VERSIONER_SANITIZED ? 180_000 : 60_000;
const RETRY_PAUSE = 20;
const PRODUCTS = 4;

const name_of = (payload: any): string => [payload.product_name, payload.version, payload.invoke_id, payload.status].join(" ");
export const slowest = (tries: Try[]): number => tries.reduce((most, t) => Math.max(most, t.answered - t.sent), 0);

export class Load {
	readonly tries: Try[] = [];
	readonly acknowledged: Told[] = [];
	private stopping = false;
	private ended: Promise<void> = Promise.resolve();

	constructor(
		private readonly servers: Server[],
		readonly product: string,
		private readonly options: LoadOptions = {},
	) {}

	start(): void {
		this.ended = Promise.all(Array.from({ length: this.options.clients ?? 12 }, (_, i) => this.client(i))).then(() => undefined);
		this.ended.catch(() => (this.stopping = true)); /* stop() tells of it */
	}

	/* Each event that was begun is acknowledged before this returns. */
	async stop(): Promise<void> {
		this.stopping = true;
		await this.ended;
	}

	/* Waits until something is so. */
	async until(is: () => boolean, what: string): Promise<void> {
		for (const deadline = Date.now() + PATIENCE; !is(); await sleep(5)) {
			if (this.stopping) await this.ended;
			assert.ok(Date.now() < deadline, what);
		}
	}

	acknowledges(more: number): Promise<void> {
		const wanted = this.acknowledged.length + more;
		return this.until(() => this.acknowledged.length >= wanted, `${more} more events are acknowledged`);
	}

	/* Runs of pending, started and an end, and lone builds. */
	private async client(number: number): Promise<void> {
		for (let run = 0; !this.stopping; run++) {
			const kind = (run + number) % 3 === 0 ? "build" : "deployment";
			const steps = kind === "build" ? ["success"] : ["pending", "started", run % 5 === 0 ? "failed" : "success"];
			const fields = { product_name: `${this.product}-${number % PRODUCTS}`, version: `1.${number}.${run}`, invoke_id: `${number}-${run}` };
			for (const status of this.stopping ? [] : steps) {
				await this.until_acknowledged(number, kind, { ...fields, ...(kind === "build" ? {} : { environment_name: "production" }), status });
				await sleep(this.options.pause ?? 2);
			}
		}
	}

	private async until_acknowledged(client: number, kind: Kind, body: any): Promise<void> {
		const name = name_of(body), keyed = client % 4 !== 3, deadline = Date.now() + PATIENCE;
		for (let tries = 1; ; tries++) {
			const answer = await this.try_one(this.servers[(client + tries) % this.servers.length], kind, body, keyed ? { "Idempotency-Key": name } : {});
			if (answer?.status === 200) return void this.acknowledged.push({ name, keyed, kind, event_id: answer.json.event_id, attempt: `/${kind}s/${answer.json.id}`, tries });
			assert.ok(answer === undefined || answer.status === 503, answer?.text);
			assert.ok(Date.now() < deadline, `${name} was never acknowledged`);
			await sleep(RETRY_PAUSE);
		}
	}

	private async try_one(server: Server, kind: Kind, body: unknown, headers: Record<string, string>): Promise<Answer | undefined> {
		const sent = performance.now();
		let answer: Answer | undefined;
		try {
			answer = await server.post(`/${kind}-events/`, body, { headers });
		} catch (failure) {
			if (!this.options.may_break?.(server)) throw failure;
		}
		this.tries.push({ server, sent, answered: performance.now(), status: answer?.status ?? 0 });
		return answer;
	}

	/* Holds each event that was acknowledged against the log. */
	async compare(reader: Server): Promise<Stored> {
		const stored = new Map<string, any[]>();
		for (let i = 0; i < PRODUCTS; i++)
			for (const event of await list_all(reader, "/events/", { product: `${this.product}-${i}` })) stored.set(name_of(event.payload), [event, ...(stored.get(name_of(event.payload)) ?? [])]);
		const of = (told: Told): any[] => stored.get(told.name) ?? [];
		for (const told of this.acknowledged) assert_effects(told, of(told));
		return {
			acknowledged: this.acknowledged.length,
			retried: this.acknowledged.filter(({ tries }) => tries > 1).length,
			lost: this.acknowledged.filter((told) => of(told).filter(({ id }) => id === told.event_id).length !== 1),
			doubled: this.acknowledged.filter((told) => told.keyed && of(told).length > 1),
			duplicates: this.acknowledged.reduce((sum, told) => sum + Math.max(0, of(told).length - 1), 0),
		};
	}
}

/* An event that is there twice has changed something once. */
function assert_effects(told: Told, events: any[]): void {
	const effects = events.map(({ effect }) => effect);
	assert.ok(effects.length === 0 || ["new", "advance"].includes(effects[0]), `${told.name}: ${effects}`);
	assert.ok(effects.slice(1).every((effect) => effect === "duplicate"), `${told.name}: ${effects}`);
}

export function assert_whole(stored: Stored): void {
	assert.equal(stored.lost.length, 0, `${stored.lost.length} events were acknowledged and are lost: ${JSON.stringify(stored.lost.slice(0, 3))}`);
	assert.equal(stored.doubled.length, 0, `${stored.doubled.length} events under a key are there twice: ${JSON.stringify(stored.doubled.slice(0, 3))}`);
}
