/** Tabs that are pages of their own: links, so that each has an address. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { place } from "../app/location";
import { useStore } from "../app/store";
import { NavLink } from "./link";

export interface Tab {
	href: string;
	label: string;
}

export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
	const { path } = useStore(place);
	const box = useRef<HTMLElement>(null);
	// On a narrow screen the present one may be out of sight.
	useLayoutEffect(() => {
		const chosen = box.current?.querySelector<HTMLElement>("[aria-current]");
		if (chosen) box.current!.scrollLeft = chosen.offsetLeft - (box.current!.clientWidth - chosen.offsetWidth) / 2;
	}, [path, tabs.length]);
	return (
		<nav class="tabs" aria-label={label} ref={box}>
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
