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
	{ label: "Profile", path: "/settings/profile", load: () => import("./people/profile") },
	{ label: "Personal tokens", path: "/settings/tokens", permission: "token.own", load: () => import("./people/tokens") },
	{ label: "Notification channels", path: "/settings/channels", permission: "integration.write", load: () => import("./notifications/channels") },
	{ label: "Preferences", path: "/settings/preferences", permission: "integration.write", load: () => import("./notifications/preferences") },
	{ label: "Deliveries", path: "/settings/deliveries", permission: "read", load: () => import("./notifications/deliveries") },
	{ label: "API keys", path: "/settings/keys", permission: "key.write", load: () => import("./people/keys") },
	{ label: "Users", path: "/settings/users", permission: "user.write", load: () => import("./people/users") },
	{ label: "Audit log", path: "/settings/audit", permission: "read", load: () => import("./audit/audit") },
];
