// The pages that have a picture: its name, the address, and what is done before it is taken. tools/check-docs holds the names against the navigation.

/** `find(path)`: the first item of a list of the API. */
export const PAGES = [
	{ name: "login", path: () => "/login", stranger: true },
	{ name: "setup", path: () => `/setup#${"0".repeat(43)}`, stranger: true },
	{ name: "matrix", path: () => "/" },
	{ name: "matrix-past", path: (_, end) => `/?at=${new Date(end.getTime() - 12 * 86_400_000).toISOString()}` },
	{ name: "matrix-cell", path: () => "/", prepare: (page) => page.locator('[aria-label^="checkout, production: "]').click() },
	{ name: "activity", path: () => "/activity" },
	{ name: "deployments", path: () => "/manage/deployments" },
	{ name: "deployment", path: async (find) => `/manage/deployments?view=${(await find("/deployments/?status=failed&product=payments")).id}` },
	{ name: "versions", path: () => "/manage/versions" },
	{ name: "version", path: async (find) => `/manage/versions?view=${(await find("/versions/?product=checkout")).id}` },
	{ name: "products", path: () => "/manage/products" },
	{ name: "product", path: async (find) => `/manage/products?view=${(await find("/products/?name=checkout")).id}` },
	{ name: "diff", path: () => "/manage/diff?from=staging&to=production" },
	{ name: "settings-profile", path: () => "/settings/profile" },
	{ name: "settings-tokens", path: () => "/settings/tokens" },
	{ name: "settings-channels", path: () => "/settings/channels" },
	{ name: "settings-preferences", path: () => "/settings/preferences" },
	{ name: "settings-deliveries", path: () => "/settings/deliveries" },
	{ name: "settings-keys", path: () => "/settings/keys" },
	{ name: "settings-users", path: () => "/settings/users" },
	{ name: "settings-audit", path: () => "/settings/audit" },
];
