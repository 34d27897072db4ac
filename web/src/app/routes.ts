/** Every page: path, title, what it needs, where its code is. A page is loaded when it is first gone to. */
import type { ComponentType } from "preact";
import type { Permission } from "../api/types";

export interface Route {
	path: string;
	/** false: for everybody, without the frame of the pages. */
	framed: boolean;
	permission?: Permission;
	load: () => Promise<{ default: ComponentType }>;
	/** Further paths below it are the page's own (tabs). */
	below?: boolean;
}

export const ROUTES: readonly Route[] = [
	{ path: "/", framed: true, permission: "read", load: () => import("../pages/matrix/matrix") },
	{ path: "/activity", framed: true, permission: "read", load: () => import("../pages/activity/activity") },
	{ path: "/manage/deployments", framed: true, permission: "read", load: () => import("../pages/deployments/deployments") },
	{ path: "/manage/versions", framed: true, permission: "read", load: () => import("../pages/versions/versions") },
	{ path: "/manage/catalog", framed: true, permission: "read", load: () => import("../pages/catalog") },
	{ path: "/manage/products", framed: true, permission: "read", load: () => import("../pages/products/products") },
	{ path: "/manage/diff", framed: true, permission: "read", load: () => import("../pages/diff/diff") },
	{ path: "/settings", framed: true, below: true, load: () => import("../pages/settings/settings") },
	{ path: "/login", framed: false, load: () => import("../pages/login/login") },
	{ path: "/setup", framed: false, load: () => import("../pages/login/setup") },
];

export function routeOf(path: string): Route | undefined {
	return ROUTES.find((route) => route.path === path || (route.below && path.startsWith(route.path + "/")));
}

/** The navigation, in its order. */
export const NAVIGATION: readonly { href: string; label: string }[] = [
	{ href: "/", label: "Matrix" },
	{ href: "/activity", label: "Activity" },
	{ href: "/manage/deployments", label: "Deployments" },
	{ href: "/manage/versions", label: "Versions" },
	{ href: "/manage/products", label: "Products" },
	{ href: "/settings", label: "Settings" },
];
