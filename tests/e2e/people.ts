/* People as the tests need them: made with the server's key, given a password by their link, and then asking as a browser does. */
import { strict as assert } from "node:assert";
import { get_ok } from "./api";
import { Answer, random_alnum, RequestOptions, Server, unique } from "./server";

export const ROLES = ["admin", "release_manager", "product", "developer", "sre", "qa", "security", "compliance", "billing", "viewer"] as const;
export type Role = (typeof ROLES)[number];

export const WRONG_LOGIN = { detail: "Wrong e-mail address or password" };
export const WRONG_CSRF = { detail: "CSRF token missing or wrong" };
export const WRONG_LINK = { detail: "This link is not valid any more" };
export const OTHER_ORIGIN = { detail: "This request came from a page of another origin" };

/* The cookies that an answer sets, with their attributes in lower case. */
export function cookies_of(answer: Answer): { name: string; value: string; attributes: Record<string, string> }[] {
	return (answer.headers["set-cookie"] ?? []).map((line) => {
		const [pair, ...rest] = line.split(/; */);
		const [name, value] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
		return { name, value, attributes: Object.fromEntries(rest.map((part) => [part.split("=")[0].toLowerCase(), part.split("=")[1] ?? ""])) };
	});
}

/* A browser: keeps the cookie, and brings the CSRF token along as the pages do. */
export class Browser {
	cookie = "";
	csrf = "";
	session: any;

	constructor(readonly server: Server) {}

	private keep(answer: Answer): Answer {
		for (const { name, value } of cookies_of(answer)) this.cookie = value ? `${name}=${value}` : "";
		if (answer.json?.csrf_token) [this.csrf, this.session] = [answer.json.csrf_token, answer.json];
		return answer;
	}

	get headers(): Record<string, string> {
		return { ...(this.cookie && { cookie: this.cookie }), ...(this.csrf && { "x-csrf-token": this.csrf }) };
	}

	async request(method: string, target: string, o: RequestOptions = {}): Promise<Answer> {
		return this.keep(await this.server.request(method, target, { key: null, ...o, headers: { ...this.headers, ...o.headers } }));
	}

	get(target: string, o: RequestOptions = {}): Promise<Answer> {
		return this.request("GET", target, o);
	}

	post(target: string, body: unknown, o: RequestOptions = {}): Promise<Answer> {
		return this.request("POST", target, { body, ...o });
	}

	patch(target: string, body: unknown, o: RequestOptions = {}): Promise<Answer> {
		return this.request("PATCH", target, { body, ...o });
	}

	login(email: string, password: string, more: object = {}, o: RequestOptions = {}): Promise<Answer> {
		return this.post("/session", { email, password, ...more }, o);
	}

	/* The same cookie on another server. */
	at(server: Server): Browser {
		return Object.assign(new Browser(server), { cookie: this.cookie, csrf: this.csrf });
	}
}

export interface Person extends Browser {
	id: string;
	email: string;
	password: string;
}

export const token_of = (link: { url: string }): string => link.url.slice(link.url.indexOf("#") + 1);
export const new_password = (): string => `pass ${random_alnum(20)}`;

export async function make_user(server: Server, fields: object = {}): Promise<any> {
	const answer = await server.post("/users", { email: `${unique("person")}@example.com`, role: "viewer", ...fields });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
}

/* A user with that role, logged in. */
export async function person(server: Server, role: Role, fields: object = {}): Promise<Person> {
	const { id, email, password_link } = await make_user(server, { role, ...fields });
	const browser = Object.assign(new Browser(server), { id, email, password: new_password() });
	const answer = await browser.post("/session/password", { token: token_of(password_link), password: browser.password });
	assert.equal(answer.status, 200, answer.text);
	return browser;
}

/* Another browser of the same person. */
export async function again(one: Person, server = one.server): Promise<Browser> {
	const browser = new Browser(server);
	const answer = await browser.login(one.email, one.password);
	assert.equal(answer.status, 200, answer.text);
	return browser;
}

export async function assert_logged_in(browser: Browser, expected: boolean): Promise<void> {
	const answer = await browser.get("/session");
	assert.equal(answer.status, expected ? 200 : 401, answer.text);
}

export async function make_token(one: Person, fields: object = {}): Promise<any> {
	const answer = await one.post("/personal-tokens", { name: unique("token"), ...fields });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
}

export async function make_key(server: Server, scopes: string[], fields: object = {}): Promise<any> {
	const answer = await server.post("/api-keys", { name: unique("key"), scopes, ...fields });
	assert.equal(answer.status, 201, answer.text);
	return answer.json;
}

export const user_of = (server: Server, id: string): Promise<any> => get_ok(server, `/users/${id}`);
