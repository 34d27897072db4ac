/** Where to go after a login: what ?next= names, when that is a page of ours. Anybody can write a link with a ?next=. */

/** A path of these pages: no other host, no scheme, nothing that a browser reads in another way than it looks. */
export function isOwnPath(to: string, origin: string): boolean {
	if (!to.startsWith("/") || to.startsWith("//") || /[\\\u0000-\u0020\u007F]/.test(to)) return false;
	try {
		return new URL(to, origin).origin === origin;
	} catch {
		return false;
	}
}

/** Pages of those who are not logged in: nobody wants to be there after a login. */
const ENTRANCES = ["/login", "/setup"];

/** `query` is that of the login page. */
export function nextPath(query: string, origin: string): string {
	const next = new URLSearchParams(query).get("next") ?? "/";
	if (!isOwnPath(next, origin)) return "/";
	const { pathname } = new URL(next, origin);
	return ENTRANCES.includes(pathname.replace(/\/+$/, "")) || pathname.startsWith("//") ? "/" : next;
}
