/* One store with three accounts. The product makes one account by itself; further ones come as a file of `versioner export` with their rows
 * put into it, on either engine.
 *
 * The victim and the stranger use the same names with ids of their own. The twin is the victim's rows once more: the same ids, another word
 * where the victim's texts have theirs. So a statement that forgets the account in a search by id finds the wrong row of two. */
import { spawnSync } from "node:child_process";
import { strict as assert } from "node:assert";
import * as fs from "node:fs";
import * as path from "node:path";
import { rechain } from "./audit";
import { at_second, event_of, Fields, get_ok, list_all } from "./api";
import { settled } from "./notifications";
import { Browser, token_of } from "./people";
import { Receiver } from "./receivers";
import { Answer, random_alnum, RequestOptions, Server } from "./server";

/* Of equal length, so that what is cut or masked stays comparable. */
export const WORDS = { victim: "victimword", stranger: "strangword", twin: "doubleword" } as const;
export type Who = keyof typeof WORDS;
export const WHO: Record<Who, { account: number; slug: string }> = {
	victim: { account: 1, slug: "default" },
	stranger: { account: 2, slug: "stranger" },
	twin: { account: 3, slug: "twin" },
};
export const NDJSON = { "content-type": "application/x-ndjson" };

/* ---- the file of an export ---- */

interface Row {
	t: string;
	r: Record<string, any>;
}

/* BLAKE2b with 256 bits, which node does not have. */
function digest(text: string): string {
	const done = spawnSync("python3", ["-c", "import hashlib,sys; print(hashlib.blake2b(sys.stdin.buffer.read(), digest_size=32).hexdigest(), end='')"], { input: text });
	assert.equal(done.status, 0);
	return done.stdout.toString();
}

function rows_of(server: Server): Row[] {
	const file = path.join(server.dir, `rows-${random_alnum(8)}.ndjson`);
	const result = server.run("export", file);
	assert.equal(result.status, 0, result.stderr);
	const lines = fs.readFileSync(file, "utf8").split("\n").slice(1, -2);
	fs.rmSync(file);
	return lines.map((line) => JSON.parse(line));
}

/* The file with other rows. */
function with_rows(server: Server, change: (rows: Row[]) => Row[]): string {
	const file = path.join(server.dir, `whole-${random_alnum(8)}.ndjson`);
	assert.equal(server.run("export", file).status, 0);
	const lines = fs.readFileSync(file, "utf8").split("\n");
	const trailer = JSON.parse(lines[lines.length - 2]);
	const rows = rechain(change(lines.slice(1, -2).map((line) => JSON.parse(line))));
	const order = Object.keys(trailer.rows);
	rows.sort((a, b) => order.indexOf(a.t) - order.indexOf(b.t));
	for (const table of order) trailer.rows[table] = rows.filter(({ t }) => t === table).length;
	const body = [lines[0], ...rows.map((row) => JSON.stringify(row))].join("\n") + "\n";
	fs.writeFileSync(file, `${body}${JSON.stringify({ ...trailer, digest: digest(body) })}\n`);
	return file;
}

const account_of = (row: Row): number => (row.t === "account" ? row.r.id : row.r.account_id);

/* What belongs to all accounts but one; without the notes of when a key or a session was last used. */
export function rows_of_others(server: Server, who: Who): Row[] {
	return rows_of(server)
		.filter((row) => account_of(row) !== WHO[who].account)
		.map((row) => ({ t: row.t, r: { ...row.r, last_used_at: undefined, seen_at: undefined } }));
}

function copy_to(row: Row, who: Who, key: string): Row {
	const { account, slug } = WHO[who];
	const text = JSON.stringify(row.r).replaceAll(WORDS.victim, WORDS[who]);
	const r = { ...JSON.parse(text), ...(row.t === "account" ? { id: account, slug } : { account_id: account }) };
	if (row.t === "api_key") return { t: row.t, r: { ...r, secret_digest: digest(key) } };
	/* What is random is never the same in two accounts. */
	const token = { session: COPIES.cookie, personal_token: COPIES.token, password_link: random_alnum(43) }[row.t];
	return { t: row.t, r: token ? { ...r, token_digest: digest(token) } : r };
}

/* The twin's session and personal token: the copies of the victim's. */
const COPIES = { cookie: random_alnum(43), token: `pat_${random_alnum(43)}` };

/* ---- what an account holds ---- */

/* The address of one who logs in, in each account; and their password, which the twin has from the victim. */
export const PERSON = "ada@example.com";
export const password_of = (who: Who): string => `password of ${who === "stranger" ? WORDS.stranger : WORDS.victim}`;

/* An open deployment of which one account alone knows product, version and environment. */
export const ONLY = (number: number): Fields => ({ product_name: `only-${number}`, version: `9.${number}`, environment_name: `only-${number}`, invoke_id: "only" });
export const KEYED = (word: string, version: string): Fields => ({ product_name: "shop", version, status: "success", built_by: word, build_url: `https://${word}.example`, scm_sha: "a".repeat(40) });

/* Every noun, with the word in its texts. Names are the same in each account, but for those with the word, and those with the account's
 * number: these are in that account alone. */
async function fill(server: Server, receiver: Receiver, key: string, who: Who): Promise<Individual> {
	const word = WORDS[who], number = WHO[who].account;
	const post = async (target: string, body: unknown, o: RequestOptions = {}): Promise<any> => {
		const answer = await server.post(target, body, { key, ...o });
		assert.ok(answer.status < 300, `${target}: ${answer.text}`);
		return answer.json;
	};
	const channel = await post("/notification-channels/", { name: "ops", channel_type: "webhook", config: { url: receiver.url(`/${word}`), secret: `${word}-${random_alnum(30)}` } });
	const refused = await post("/notification-channels/", { name: `refused ${word}`, channel_type: "webhook", config: { url: receiver.url(`/${word}-refused`) } });
	await post("/notification-preferences/", { channel_id: channel.id, event_type: "*", filters: {} });
	await post("/notification-preferences/", { channel_id: refused.id, event_type: "deployment.failed", filters: { products: ["sh*"], environments: ["prod*"] } });
	for (const [i, [environment_name, version, status]] of [["dev", "1.0", "success"], ["production", "1.0", "success"], ["dev", "1.1", "success"], ["production", "1.1", "failed"], ["staging", "1.1", "started"]].entries()) {
		const texts = { deployed_by: word, deploy_url: `https://${word}.example/${i}`, scm_repository: `acme/${word}`, error_message: status === "failed" ? word : undefined, extra_metadata: { word } };
		await post("/deployment-events/", { ...event_of("deployment", { product_name: "shop", environment_name, version, status, invoke_id: `run-${i}`, started_at: at_second(i) }), ...texts });
	}
	for (const version of ["1.0", "1.1"]) await post("/build-events/", KEYED(word, version), { headers: { "Idempotency-Key": `same-key-${version}` } });
	const named = { product_name: `named ${word}`, version: `named ${word}`, status: "failed" };
	await post("/deployment-events/", { ...named, environment_name: `named ${word}` });
	await post("/build-events/", named);
	await post("/deployment-events/", { ...ONLY(number), deployed_by: word, status: "started" });
	for (const name of ["by hand", `hand-${number}`]) await post("/products/", { name, description: word, extra_metadata: { word } });
	for (const name of ["eu-prod", `hand-${number}`]) await post("/environments/", { name, description: word });
	await post("/notification-channels/", { name: `hand-${number}`, channel_type: "webhook", config: { url: receiver.url(`/${word}-alone`) } });
	const gone = await post("/products/", { name: "gone", description: word });
	assert.equal((await server.request("DELETE", `/products/${gone.id}`, { key })).status, 204);
	await settled({ get: (target: string) => server.get(target, { key }) } as Server, channel.id);
	await settled({ get: (target: string) => server.get(target, { key }) } as Server, refused.id);
	await post("/api-keys", { name: word, scopes: ["read"] });
	for (const email of [PERSON, `hand-${number}@example.com`]) await post("/users", { email, name: word, role: "admin" });
	const { url } = await post(`/users/${(await get_ok(server, "/users", { key })).items.find(({ email }: any) => email === PERSON).id}/password-link`, undefined);
	const browser = new Browser(server);
	assert.equal((await browser.post("/session/password", { token: token_of({ url }), password: password_of(who) })).status, 200);
	const made = await browser.post("/personal-tokens", { name: word });
	assert.equal(made.status, 201, made.text);
	return { browser, token: made.json.token };
}

/* Somebody with a session and a personal token. */
export interface Individual {
	browser: Browser;
	token: string;
}

/* ---- the store ---- */

export class Accounts {
	readonly receiver = new Receiver();
	readonly keys: Record<Who, string>;
	ids: Record<string, string[]> = {}; /* of the victim (and so of the twin), by noun */
	own: Record<string, string[]> = {}; /* of the stranger */
	people = {} as Record<Who, Individual>;
	private first: Server | undefined;
	private second: Server | undefined;
	server!: Server; /* with all three */

	constructor() {
		this.keys = Object.fromEntries(Object.entries(WHO).map(([who, { slug }]) => [who, `sk_${slug}_k1_${random_alnum(40)}`])) as Record<Who, string>;
	}

	private options(bootstrap: boolean) {
		return { key: this.keys.victim, bootstrap, args: ["--allow-private-destinations", "127.0.0.0/8"] };
	}

	/* A second store: the first one's file, with more rows. */
	private async moved(from: Server, change: (rows: Row[]) => Row[]): Promise<Server> {
		const to = new Server(this.options(false));
		const result = to.run("import", with_rows(from, change));
		assert.equal(result.status, 0, result.stdout + result.stderr);
		await to.start();
		return to;
	}

	async start(): Promise<void> {
		await this.receiver.start();
		for (const word of Object.values(WORDS)) this.receiver.always(`/${word}-refused`, { status: 400, body: word });
		this.first = new Server(this.options(true));
		await this.first.start();
		this.second = await this.moved(this.first, (rows) => [...rows, ...rows.filter((row) => account_of(row) === 1).map((row) => copy_to(row, "stranger", this.keys.stranger))]);
		for (const who of ["victim", "stranger"] as const) this.people[who] = await fill(this.second, this.receiver, this.keys[who], who);
		this.server = await this.moved(this.second, (rows) => [...rows, ...rows.filter((row) => account_of(row) === 1).map((row) => copy_to(row, "twin", this.keys.twin))]);
		await this.move_people();
		this.ids = await this.ids_of("victim");
		this.own = await this.ids_of("stranger");
		this.receiver.received.length = 0;
	}

	async close(): Promise<void> {
		for (const server of [this.server, this.second, this.first]) await server?.close();
		await this.receiver.stop();
	}

	/* Their sessions have come along with the rows. */
	private async move_people(): Promise<void> {
		const { victim, stranger } = this.people;
		const twin = Object.assign(new Browser(this.server), { cookie: `versioner_session=${COPIES.cookie}` });
		this.people = { victim: { ...victim, browser: victim.browser.at(this.server) }, stranger: { ...stranger, browser: stranger.browser.at(this.server) }, twin: { browser: twin, token: COPIES.token } };
		for (const { browser } of Object.values(this.people)) assert.equal((await browser.get("/session")).status, 200);
	}

	private async ids_of(who: Who): Promise<Record<string, string[]>> {
		const ids: Record<string, string[]> = {};
		/* Each account was copied from a first start, so its first user and key have ids that others' have too. */
		const is_first = ({ email, number }: any): boolean => email === "admin@localhost" || number === "k1";
		ids["personal-tokens"] = (await this.people[who].browser.get("/personal-tokens")).json.items.map(({ id }: any) => id);
		for (const noun of ["products", "environments", "versions", "deployments", "builds", "events", "notification-channels", "notification-preferences", "notification-history", "users", "api-keys"]) {
			const as = { get: (target: string) => this.get(who, target) } as Server;
			ids[noun] = (await list_all(as, `/${noun}/`)).filter((item) => !is_first(item)).map(({ id }) => id);
			assert.ok(ids[noun].length > 0, `${who} has ${noun}`);
		}
		return ids;
	}

	get(who: Who, target: string, o: RequestOptions = {}): Promise<Answer> {
		return this.ask(who, "GET", target, undefined, o);
	}

	/* No answer to one account has a word or an id of another's that the request did not have. */
	async ask(who: Who, method: string, target: string, body?: unknown, o: RequestOptions = {}): Promise<Answer> {
		const answer = await this.server.request(method, target, { key: this.keys[who], body, ...o });
		const said = answer.text + JSON.stringify(answer.headers), asked = target + JSON.stringify(body ?? "");
		for (const [other, word] of Object.entries(WORDS)) assert.ok(other === who || !said.includes(word), `${method} ${target} tells ${who} of ${other}: ${said}`);
		const foreign = who === "stranger" ? this.ids : this.own;
		for (const id of Object.values(foreign).flat()) assert.ok(!said.includes(id) || asked.includes(id), `${method} ${target} tells ${who} an id of another account: ${said}`);
		return answer;
	}

	/* The same, by the person's session. */
	by(who: Who, method: string, target: string, body?: unknown): Promise<Answer> {
		return this.ask(who, method, target, body, { key: null, headers: this.people[who].browser.headers });
	}

	async json(who: Who, target: string): Promise<Fields> {
		return get_ok({ get: (path: string) => this.get(who, path) } as Server, target);
	}
}
