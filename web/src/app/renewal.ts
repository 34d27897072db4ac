/** A page that was opened before the server was renewed: its code is not there any more, and a reload brings the new one. */

const LATEST = "versioner.reloaded";
/** A server behind a balancer may be the old one again: no page goes round and round. */
const PAUSE_MS = 60_000;

/** The name of the script that this page was begun with. */
function ownScript(): string | null {
	return document.querySelector<HTMLScriptElement>('script[type="module"][src]')?.getAttribute("src") ?? null;
}

/** Whether the server is there, and its pages begin with another script than this one. */
export async function hasNewPages(): Promise<boolean> {
	const own = ownScript();
	try {
		const answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, cache: "no-store" });
		return answer.ok && own !== null && !(await answer.text()).includes(`"${own}"`);
	} catch {
		return false;
	}
}

/** Begins the page anew; false when it has just been begun anew, or nobody could remember that it was. */
export function reloadOnce(): boolean {
	try {
		const before = Number(sessionStorage.getItem(LATEST) ?? 0);
		if (Date.now() - before < PAUSE_MS) return false;
		sessionStorage.setItem(LATEST, String(Date.now()));
	} catch {
		return false;
	}
	location.reload();
	return true;
}
