/** A page whose code is loaded when it is first shown. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ErrorBox, Skeleton } from "../kit/messages";

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
			() => gone || setFailed(() => load),
		);
		return () => {
			gone = true;
		};
	}, [load]);
	if (Page) return <Page />;
	// The server was renewed, or is away: its pages have other names now. Only a reload knows them.
	if (failed === load) return <ErrorBox error={new Error("This page could not be loaded.")} onRetry={() => location.reload()} />;
	return <Skeleton />;
}
