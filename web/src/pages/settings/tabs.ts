/** The tabs of the settings, in their order: name, path, who may see it, where its code is. */
import type { ComponentType } from "preact";
import type { Permission } from "../../api/types";

export interface SettingsTab {
	label: string;
	path: string;
	permission?: Permission;
	load: () => Promise<{ default: ComponentType }>;
}

export const SETTINGS_TABS: readonly SettingsTab[] = [
	{ label: "Profile", path: "/settings/profile", load: () => import("./profile") },
	{ label: "Personal tokens", path: "/settings/tokens", permission: "token.own", load: () => import("./tokens") },
	{ label: "Notification channels", path: "/settings/channels", permission: "integration.write", load: () => import("./channels") },
	{ label: "Preferences", path: "/settings/preferences", permission: "integration.write", load: () => import("./preferences") },
	{ label: "Deliveries", path: "/settings/deliveries", permission: "read", load: () => import("./deliveries") },
	{ label: "API keys", path: "/settings/keys", permission: "key.write", load: () => import("./keys") },
	{ label: "Users", path: "/settings/users", permission: "user.write", load: () => import("./users") },
	{ label: "Audit log", path: "/settings/audit", permission: "read", load: () => import("./audit") },
];
