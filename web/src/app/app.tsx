/** From the address to a page: the session first, then the page's permission, then its code. */
import { useEffect, useRef } from "preact/hooks";
import { PageHeader } from "../kit/page";
import { EmptyState, ErrorBox, Skeleton } from "../kit/messages";
import { Link } from "../kit/link";
import { Toasts } from "../kit/toast";
import { Layout } from "./layout";
import { Lazy } from "./lazy";
import { startLive, stopLive } from "./live";
import { navigate, place } from "./location";
import { routeOf, type Route } from "./routes";
import { isTyping } from "./shortcuts";
import { can, loadSession, loginPath, session } from "./session";
import { useStore } from "./store";

function NoSuchPage() {
	return (
		<>
			<PageHeader title="Not found" />
			<EmptyState title="There is no such page" icon="unknown">
				<Link href="/">To the matrix</Link>
			</EmptyState>
		</>
	);
}

function NotAllowed() {
	return (
		<>
			<PageHeader title="Not for your role" />
			<EmptyState title="Your role does not allow this page" icon="stopped">
				<p>An admin can give you another role.</p>
			</EmptyState>
		</>
	);
}

function PageOf({ route }: { route: Route | undefined }) {
	if (!route) return <NoSuchPage />;
	if (route.permission && !can(route.permission)) return <NotAllowed />;
	return <Lazy load={route.load} />;
}

/** A new page begins at its top, and a screen reader begins with its heading. */
function useFreshStart(path: string): void {
	const first = useRef(true);
	useEffect(() => {
		if (first.current) {
			first.current = false;
			return;
		}
		scrollTo(0, 0);
		// Who has begun to type meanwhile keeps the field.
		if (isTyping(document.activeElement)) return;
		(document.querySelector<HTMLElement>("main h1") ?? document.getElementById("content"))?.focus({ preventScroll: true });
	}, [path]);
}

export function App() {
	const { path } = useStore(place);
	const who = useStore(session);
	const route = routeOf(path);
	const framed = route?.framed ?? true;
	useFreshStart(path);

	useEffect(() => {
		if (framed && who.state === "unknown") {
			void loadSession();
			// Its code comes at the same time; what fails here is told when the page is shown.
			route?.load().catch(() => {});
		}
		if (framed && who.state === "nobody") navigate(loginPath(), { replace: true });
		if (who.state === "here") startLive(() => void loadSession());
		else stopLive();
	}, [framed, who.state]);

	return (
		<>
			{framed ? <Framed route={route} /> : route && <Lazy load={route.load} />}
			<Toasts />
		</>
	);
}

function Framed({ route }: { route: Route | undefined }) {
	const who = useStore(session);
	if (who.state === "failed")
		return (
			<main class="alone">
				<ErrorBox error={who.error} onRetry={() => void loadSession()} />
			</main>
		);
	if (who.state !== "here")
		return (
			<main class="alone">
				<Skeleton lines={3} />
			</main>
		);
	return (
		<Layout session={who.session}>
			<PageOf route={route} />
		</Layout>
	);
}
