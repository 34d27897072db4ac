/** An address that clients print: /manage/catalog?tab=versions&view=ID. It leads to the page of that tab. */
import { useEffect } from "preact/hooks";
import { navigate, place } from "../app/location";
import { Skeleton } from "../kit/messages";

const TABS: Record<string, string> = { versions: "/manage/versions", products: "/manage/products", deployments: "/manage/deployments" };

export default function Catalog() {
	useEffect(() => {
		const query = new URLSearchParams(place.get().query);
		const page = TABS[query.get("tab") ?? ""] ?? "/manage/products";
		query.delete("tab");
		navigate(page + (query.size ? `?${query}` : ""), { replace: true });
	}, []);
	return <Skeleton />;
}
