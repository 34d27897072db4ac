/** What is around every page: skip link, top bar with navigation, the page, messages. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Session } from "../api/types";
import { Button } from "../kit/button";
import { Link, NavLink } from "../kit/link";
import { Menu } from "../kit/menu";
import { toast } from "../kit/toast";
import { live, type LiveState } from "./live";
import { navigate, place } from "./location";
import { NAVIGATION } from "./routes";
import { Search } from "./search";
import { logout } from "./session";
import { Shortcuts } from "./shortcuts";
import { useStore } from "./store";
import { chooseTheme, theme, THEMES } from "./theme";

const LIVE_WORDS: Record<LiveState, string> = { off: "not live", connecting: "connecting", live: "live", reconnecting: "reconnecting" };
const THEME_ICONS = { system: "system", light: "sun", dark: "moon" } as const;
const THEME_WORDS = { system: "As the system", light: "Light", dark: "Dark" } as const;

function LiveMark() {
	const state = useStore(live);
	return (
		<span class={`live live-${state}`} role="status" title="Whether the page follows what happens">
			<span class="live-dot" aria-hidden="true" />
			<span>{LIVE_WORDS[state]}</span>
		</span>
	);
}

function ThemeMenu() {
	const now = useStore(theme);
	return (
		<Menu
			label="Theme"
			icon={THEME_ICONS[now]}
			items={THEMES.map((one) => ({ label: THEME_WORDS[one], icon: THEME_ICONS[one], chosen: one === now, onChoose: () => chooseTheme(one) }))}
		/>
	);
}

function UserMenu({ session }: { session: Session }) {
	const name = session.user?.name ?? session.user?.email ?? session.key?.name ?? "";
	const head = (
		<>
			<strong>{name}</strong>
			{session.user && <span>{session.user.role.replaceAll("_", " ")}</span>}
			<span>{session.account.name}</span>
		</>
	);
	const items = [
		{ label: "Profile", icon: "user" as const, onChoose: () => navigate("/settings/profile") },
		{ label: "Log out", icon: "logout" as const, onChoose: () => void logout().catch(toast.failed) },
	];
	return <Menu label={`Account of ${name}`} icon="user" head={head} items={items} />;
}

export function Layout({ session, children }: { session: Session; children: ComponentChildren }) {
	const [menuOpen, setMenuOpen] = useState(false);
	const { path } = useStore(place);
	useEffect(() => setMenuOpen(false), [path]);
	return (
		<>
			<a class="skip-link" href="#content">
				Skip to content
			</a>
			<header class="top-bar">
				<Link href="/" class="product-name">
					Versioner
				</Link>
				<span class="menu-button">
					<Button look="quiet" icon="menu" label="Pages" expanded={menuOpen} controls="navigation" onClick={() => setMenuOpen(!menuOpen)} />
				</span>
				<nav id="navigation" class={menuOpen ? "navigation open" : "navigation"} aria-label="Pages">
					<ul>
						{NAVIGATION.map(({ href, label }) => (
							<li key={href}>
								<NavLink href={href} onClick={() => setMenuOpen(false)}>
									{label}
								</NavLink>
							</li>
						))}
					</ul>
				</nav>
				<Search />
				<LiveMark />
				<ThemeMenu />
				<UserMenu session={session} />
			</header>
			<main id="content" tabIndex={-1}>
				{children}
			</main>
			<Shortcuts />
		</>
	);
}
