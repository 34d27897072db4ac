/** The settings: one tab of them. */
import { useEffect } from "preact/hooks";
import { Lazy } from "../../app/lazy";
import { navigate, place } from "../../app/location";
import { can } from "../../app/session";
import { useStore } from "../../app/store";
import { PageHeader } from "../../kit/page";
import { Tabs } from "../../kit/tabs";
import { EmptyState } from "../../kit/messages";
import { SETTINGS_TABS } from "./tabs";

export default function Settings() {
	const { path } = useStore(place);
	const tabs = SETTINGS_TABS.filter(({ permission }) => !permission || can(permission));
	const tab = tabs.find((one) => one.path === path);
	const first = tabs[0];
	useEffect(() => {
		if (path === "/settings" && first) navigate(first.path, { replace: true });
	}, [path]);
	return (
		<>
			<PageHeader title="Settings" />
			<Tabs label="Settings" tabs={tabs.map(({ path, label }) => ({ href: path, label }))} />
			{tab ? <Lazy key={tab.path} load={tab.load} /> : path !== "/settings" && <EmptyState title="There is no such tab for your role" icon="stopped" />}
		</>
	);
}
