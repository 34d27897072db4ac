/** Links: to our own pages, and to what others have written. */
import type { ComponentChildren } from "preact";
import { navigate, place } from "../app/location";
import { useStore } from "../app/store";
import { Icon } from "./icon";

interface LinkProps {
	href: string;
	children: ComponentChildren;
	class?: string;
	title?: string;
	/** Shows a page as the present one in a list of links. */
	current?: boolean;
	onClick?: () => void;
	label?: string;
	/** For widgets that move the focus themselves: the matrix. */
	tabIndex?: number;
	"data-column"?: number;
}

/** To a page of ours, without a reload. */
export function Link({ href, children, current, onClick, label, ...rest }: LinkProps) {
	const follow = (event: MouseEvent) => {
		onClick?.();
		if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
		event.preventDefault();
		navigate(href);
	};
	return (
		<a {...rest} href={href} aria-label={label} aria-current={current ? "page" : undefined} onClick={follow}>
			{children}
		</a>
	);
}

/** A link of the navigation: marked when the reader is at or below it. */
export function NavLink({ href, children, onClick }: { href: string; children: ComponentChildren; onClick?: () => void }) {
	const { path } = useStore(place);
	const current = path === href || (href !== "/" && path.startsWith(href + "/"));
	return (
		<Link href={href} current={current} class="nav-link" onClick={onClick}>
			{children}
		</Link>
	);
}

/** Only http and https lead anywhere. */
export function isSafeAddress(address: string): boolean {
	try {
		return ["http:", "https:"].includes(new URL(address).protocol);
	} catch {
		return false;
	}
}

/** An address that somebody sent us. What is no web address is shown as text. */
export function SafeLink({ href, children }: { href: string | null | undefined; children?: ComponentChildren }) {
	if (!href) return null;
	if (!isSafeAddress(href)) return <span class="unsafe-link">{children ?? href}</span>;
	return (
		<a href={href} target="_blank" rel="noopener noreferrer" class="external-link">
			{children ?? href}
			<Icon name="external" size={12} label="(opens in a new tab)" />
		</a>
	);
}
