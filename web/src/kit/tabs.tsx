/** Tabs that are pages of their own: links, so that each has an address. */
import { NavLink } from "./link";

export interface Tab {
	href: string;
	label: string;
}

export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
	return (
		<nav class="tabs" aria-label={label}>
			<ul>
				{tabs.map((tab) => (
					<li key={tab.href}>
						<NavLink href={tab.href}>{tab.label}</NavLink>
					</li>
				))}
			</ul>
		</nav>
	);
}
