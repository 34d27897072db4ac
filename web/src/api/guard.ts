/** What is around every request: the CSRF token of writes, one more try right after a login, the way to the login page. */

interface Guard {
	csrfToken: string | null;
	/** performance.now() of the login; another process of the server may learn of the session a moment later. */
	loggedInAt: number;
	onSignedOut: () => void;
	renewToken: () => Promise<void>;
}

export const guard: Guard = { csrfToken: null, loggedInAt: -Infinity, onSignedOut: () => {}, renewToken: async () => {} };

const FRESH_LOGIN_MS = 5000;
const SECOND_TRY_MS = 400;

function isWrite(request: Request): boolean {
	return !["GET", "HEAD", "OPTIONS"].includes(request.method);
}

function send(request: Request): Promise<Response> {
	const one = request.clone();
	if (isWrite(one) && guard.csrfToken) one.headers.set("X-CSRF-Token", guard.csrfToken);
	return fetch(one, { credentials: "same-origin" });
}

async function isMissingToken(answer: Response): Promise<boolean> {
	if (answer.status !== 403) return false;
	const body: unknown = await answer.clone().json().catch(() => null);
	return (body as { detail?: unknown } | null)?.detail === "CSRF token missing or wrong";
}

/** Logging in answers 401 for a wrong password: that is no session that ended. */
function asksForSession(request: Request): boolean {
	return new URL(request.url).pathname.startsWith("/session");
}

export async function guardedFetch(request: Request): Promise<Response> {
	let answer = await send(request);
	const logsIn = asksForSession(request) && request.method === "POST";
	if (answer.status === 401 && !logsIn && performance.now() - guard.loggedInAt < FRESH_LOGIN_MS) {
		await new Promise((resolve) => setTimeout(resolve, SECOND_TRY_MS));
		answer = await send(request);
	}
	if (isWrite(request) && !logsIn && (await isMissingToken(answer))) {
		await guard.renewToken();
		answer = await send(request);
	}
	if (answer.status === 401 && !asksForSession(request)) guard.onSignedOut();
	return answer;
}
