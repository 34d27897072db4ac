/** Who is here and what they may do. */
import { call } from "../api/client";
import { asApiError, type ApiError } from "../api/error";
import { guard } from "../api/guard";
import type { Permission, Session } from "../api/types";
import { navigate, place } from "./location";
import { nextPath } from "./next_path";
import { createStore, useStore } from "./store";

export type SessionState =
	| { state: "unknown" }
	| { state: "nobody" }
	| { state: "failed"; error: ApiError }
	| { state: "here"; session: Session };

export const session = createStore<SessionState>({ state: "unknown" });

export function enter(next: Session, options: { fresh?: boolean } = {}): void {
	guard.csrfToken = next.csrf_token;
	if (options.fresh) guard.loggedInAt = performance.now();
	session.set({ state: "here", session: next });
}

function leave(): void {
	guard.csrfToken = null;
	session.set({ state: "nobody" });
}

export async function loadSession(): Promise<void> {
	try {
		enter(await call<Session>("GET", "/session"));
	} catch (thrown) {
		const error = asApiError(thrown);
		if (error.status === 401 || error.status === 404) leave();
		else if (session.get().state !== "here") session.set({ state: "failed", error });
	}
}

/** Throws ApiError. */
export async function login(email: string, password: string, account?: string): Promise<void> {
	enter(await call<Session>("POST", "/session", { body: { email, password, ...(account ? { account } : {}) } }), { fresh: true });
}

/** By a one-time link. Throws ApiError. */
export async function setPassword(token: string, password: string): Promise<void> {
	enter(await call<Session>("POST", "/session/password", { body: { token, password } }), { fresh: true });
}

export async function logout(): Promise<void> {
	await call<void>("DELETE", "/session");
	leave();
	navigate("/login");
}

/** The login page, and back to here afterwards. */
export function loginPath(): string {
	const { path, query } = place.get();
	const next = path + query;
	return path === "/login" || path === "/setup" || next === "/" ? "/login" : `/login?next=${encodeURIComponent(next)}`;
}

export function afterLogin(): string {
	return nextPath(place.get().query, location.origin);
}

guard.onSignedOut = () => {
	if (session.get().state === "here") leave();
};
guard.renewToken = loadSession;

/** May the present person do that? Decides what is shown; the server decides what is done. */
export function can(permission: Permission): boolean {
	const now = session.get();
	return now.state === "here" && now.session.permissions.includes(permission);
}

export function useSession(): Session | null {
	const now = useStore(session);
	return now.state === "here" ? now.session : null;
}
