/** A page whose code is loaded when it is first shown. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ErrorBox, Skeleton } from "../kit/messages";
import { hasNewPages, reloadOnce } from "./renewal";

type Load = () => Promise<{ default: ComponentType }>;
const loaded = new Map<Load, ComponentType>();

export function Lazy({ load }: { load: Load }) {
	const [failed, setFailed] = useState<Load | null>(null);
	const [, setTurn] = useState(0);
	const Page = loaded.get(load);
	useEffect(() => {
		if (loaded.has(load)) return;
		let gone = false;
		load().then(
			(module) => {
				loaded.set(load, module.default);
				if (!gone) setTurn((n) => n + 1);
			},
			async () => {
				// The server was renewed: its code has other names now, and only a reload knows them.
				if ((await hasNewPages()) && !gone && reloadOnce()) return;
				if (!gone) setFailed(() => load);
			},
		);
		return () => {
			gone = true;
		};
	}, [load]);
	if (Page) return <Page />;
	if (failed === load) return <ErrorBox error={new Error("This page could not be loaded.")} onRetry={() => location.reload()} />;
	return <Skeleton />;
}
