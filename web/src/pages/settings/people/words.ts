/** What roles and scopes allow, in words: the table of the API's documentation, for those who choose one. */
import type { Permission, Role, Scope } from "../../../api/types";

/** Permissions that the pages speak of. Those of rules and requests come with their pages. */
export const PERMISSION_WORDS = {
	read: "see what runs, what happened and who changed what",
	events: "send events",
	"catalog.write": "change products",
	"environment.write": "change environments",
	"integration.write": "set up notification channels and preferences",
	"key.write": "make API keys",
	"user.write": "make and change users",
	"token.own": "make personal tokens",
} as const satisfies Partial<Record<Permission, string>>;

export type SpokenPermission = keyof typeof PERMISSION_WORDS;

interface RoleWords {
	label: string;
	/** Whom it is for. */
	about: string;
	may: readonly SpokenPermission[];
}

const OWN = ["read", "token.own"] as const;

/** In the order in which they are offered: the roles that most people have come first. */
export const ROLES: Record<Role, RoleWords> = {
	developer: { label: "Developer", about: "Builds and deploys.", may: ["read", "events", "token.own"] },
	viewer: { label: "Viewer", about: "Looks at everything, changes nothing.", may: ["read"] },
	release_manager: {
		label: "Release manager",
		about: "Looks after releases: products and environments.",
		may: ["read", "events", "catalog.write", "environment.write", "token.own"],
	},
	sre: {
		label: "SRE",
		about: "Runs the environments, and says who is told of what.",
		may: ["read", "events", "environment.write", "integration.write", "token.own"],
	},
	product: { label: "Product", about: "Accepts what was built.", may: OWN },
	qa: { label: "QA", about: "Tests what was built.", may: OWN },
	security: { label: "Security", about: "Looks at it for holes.", may: OWN },
	compliance: { label: "Compliance", about: "Looks at it for rules to be kept.", may: OWN },
	billing: { label: "Billing", about: "Looks at everything, changes nothing.", may: ["read"] },
	admin: {
		label: "Admin",
		about: "May do everything.",
		may: ["read", "events", "catalog.write", "environment.write", "integration.write", "key.write", "user.write", "token.own"],
	},
};

export const ROLE_OPTIONS = Object.entries(ROLES).map(([value, { label }]) => ({ value, label }));

export function roleLabel(role: string): string {
	return ROLES[role as Role]?.label ?? role.replaceAll("_", " ");
}

/** "Builds and deploys. May see what runs, …, send events, make personal tokens." */
export function roleSentence(role: Role): string {
	const { about, may } = ROLES[role];
	return role === "admin" ? "May do everything, settings, API keys and users included." : `${about} May ${may.map((one) => PERMISSION_WORDS[one]).join(", ")}.`;
}

export const SCOPES: Record<Scope, { label: string; about: string }> = {
	events: { label: "Send events", about: "Deployments, builds and versions. This is what a pipeline needs, and nothing more." },
	read: { label: "Read", about: "Everything but notification channels and preferences, users and keys. For dashboards and scripts." },
	admin: { label: "Everything", about: "All of it, users and API keys included. Whoever has such a key can make others." },
};

export const SCOPE_NAMES = Object.keys(SCOPES) as Scope[];
