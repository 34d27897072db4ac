/** Entries of the audit log as sentences: who did what to which. */
import type { AuditEntry } from "../../../api/types";
import type { IconName } from "../../../kit/icon";
import { PREFIX_KEY, PREFIX_USER } from "../actor";

const SUBJECTS: Record<string, readonly [word: string, icon: IconName]> = {
	product: ["product", "box"],
	environment: ["environment", "grid"],
	channel: ["notification channel", "bell"],
	preference: ["notification preference", "bell"],
	notification: ["notification", "bell"],
	user: ["user", "user"],
	api_key: ["API key", "key"],
	token: ["personal token", "key"],
	session: ["session", "user"],
	password_link: ["one-time link", "key"],
	audit: ["audit log", "clock"],
};

const VERBS: Record<string, string> = { created: "made", updated: "changed", deleted: "deleted", revoked: "revoked", tested: "tested", switched_off: "switched off" };

/** Where verb and subject do not make a sentence by themselves. */
const PHRASES: Record<string, string> = {
	"notification.retried": "sent again a notification of",
	"user.password_changed": "changed the password of",
	"session.login": "logged in",
	"session.logout": "logged out",
	"password_link.created": "made a one-time link for",
	"password_link.used": "set a password by a one-time link",
	"audit.cut": "cut the old end of the audit log",
};

/** As the server knows them; an action that is not among them is shown as it is. */
export const ACTIONS = [
	...["product", "environment", "channel", "preference", "user"].flatMap((type) => ["created", "updated", "deleted"].map((verb) => `${type}.${verb}`)),
	...["channel.tested", "channel.switched_off", "notification.retried", "user.password_changed", "api_key.created", "api_key.revoked"],
	...["token.created", "token.revoked", "session.login", "session.logout", "password_link.created", "password_link.used", "audit.cut"],
] as const;

/** "changed product". */
export function actionWords(action: string): string {
	const [type = "", what = ""] = action.split(".");
	return PHRASES[action] ?? `${VERBS[what] ?? what.replaceAll("_", " ")} ${SUBJECTS[type]?.[0] ?? type.replaceAll("_", " ")}`;
}

export const ACTION_OPTIONS = ACTIONS.map((value) => ({ value, label: actionWords(value).replace(/ (a notification )?(of|for)$/, "") }));

export function actionIcon(entry: AuditEntry): IconName {
	return SUBJECTS[entry.subject.type]?.[1] ?? "edit";
}

/** Whether the name of the subject says more than the actor does: "ada logged in ada" says it twice. */
export function namesSubject({ action, subject, actor }: AuditEntry): boolean {
	if (!subject.name || action === "audit.cut") return false;
	return !(actor === PREFIX_USER + subject.name && /^(session|password_link\.used)/.test(action));
}

/** "session", "token", "API key k1", "command line": by what the actor came; without the id, which is in the details. */
export function credentialWords(credential: string): string {
	if (credential.startsWith(PREFIX_KEY)) return `API key ${credential.slice(PREFIX_KEY.length)}`;
	const [kind = ""] = credential.split(":");
	return kind === "token" ? "personal token" : kind.replaceAll("_", " ");
}
