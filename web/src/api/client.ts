/** The API, typed by its description. `api` is for paths that it describes; `call` for any. Both throw ApiError when used through take(). */
import createClient from "openapi-fetch";
import type { paths } from "api-types";
import { asApiError, errorOf, secondsOf } from "./error";
import { guardedFetch } from "./guard";

export const api = createClient<paths>({ baseUrl: location.origin, fetch: guardedFetch });

/** The data of an answer, or an ApiError: `const page = await take(api.GET("/products"))`. */
export async function take<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
	try {
		const { data, error, response } = await answer;
		if (!response.ok) throw errorOf(response.status, error);
		return data as T;
	} catch (thrown) {
		throw asApiError(thrown);
	}
}

type Method = "GET" | "POST" | "PATCH" | "DELETE";
export type Query = Record<string, string | number | boolean | null | undefined>;

/** A path with its query, without what is empty. */
export function pathWith(path: string, query: Query = {}): string {
	const kept = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
	const text = new URLSearchParams(kept.map(([name, value]) => [name, String(value)])).toString();
	return text ? `${path}?${text}` : path;
}

/** Any request of the API; throws ApiError. The caller says what it expects. */
export async function call<T>(method: Method, path: string, options: { query?: Query; body?: unknown; signal?: AbortSignal } = {}): Promise<T> {
	try {
		const { query, body, signal } = options;
		const answer = await guardedFetch(
			new Request(new URL(pathWith(path, query), location.origin), {
				method,
				signal,
				headers: { Accept: "application/json", ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
				body: body === undefined ? undefined : JSON.stringify(body),
			}),
		);
		const text = await answer.text();
		const parsed: unknown = text ? JSON.parse(text) : undefined;
		if (!answer.ok) throw errorOf(answer.status, parsed, secondsOf(answer.headers.get("Retry-After")));
		return parsed as T;
	} catch (thrown) {
		throw asApiError(thrown instanceof SyntaxError ? new Error("The server answered with something that is no JSON.") : thrown);
	}
}
