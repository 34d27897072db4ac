/** The types of channels: what each is called, what it sends, and the fields of its config. */
import type { ChannelType } from "../../../api/types";

/** url, secret: written, never read; headers: the values are. */
export type FieldKind = "url" | "secret" | "text" | "addresses" | "headers";

export interface ConfigField {
	/** The member of the config. */
	name: string;
	label: string;
	kind: FieldKind;
	required: boolean;
	hint?: string;
	placeholder?: string;
}

interface TypeOfChannel {
	label: string;
	/** What it sends, for those who choose. */
	sends: string;
	fields: readonly ConfigField[];
}

export const CHANNEL_TYPES: Record<ChannelType, TypeOfChannel> = {
	slack_webhook: {
		label: "Slack webhook",
		sends: "A message to an incoming webhook of Slack, which belongs to one channel there.",
		fields: [{ name: "webhook_url", label: "Webhook URL", kind: "url", required: true, placeholder: "https://hooks.slack.com/services/…" }],
	},
	slack_bot: {
		label: "Slack bot",
		sends: "One message for each deployment or build, changed in place as it moves on.",
		fields: [
			{ name: "token", label: "Bot token", kind: "secret", required: true, placeholder: "xoxb-…", hint: "Its app needs the scope chat:write." },
			{ name: "channel", label: "Channel in Slack", kind: "text", required: true, placeholder: "C0123456789", hint: "The id or name. The bot must be in it." },
		],
	},
	webhook: {
		label: "Webhook",
		sends: "The event as JSON, signed where there is a secret.",
		fields: [
			{ name: "url", label: "URL", kind: "url", required: true, placeholder: "https://example.com/versioner" },
			{ name: "secret", label: "Secret", kind: "secret", required: false, hint: "Signs each request: X-Versioner-Signature and webhook-signature." },
			{ name: "headers", label: "Headers", kind: "headers", required: false, hint: "Sent along with each request." },
		],
	},
	email: {
		label: "E-mail",
		sends: "A mail for each event. The server needs --smtp-url.",
		fields: [{ name: "to", label: "To", kind: "addresses", required: true, placeholder: "ops@example.com", hint: "One address a line, at most 20." }],
	},
	msteams: {
		label: "Microsoft Teams",
		sends: "An Adaptive Card to a Workflows webhook.",
		fields: [{ name: "webhook_url", label: "Webhook URL", kind: "url", required: true, placeholder: "https://….logic.azure.com/…" }],
	},
};

export const TYPE_OPTIONS = Object.entries(CHANNEL_TYPES).map(([value, { label }]) => ({ value, label }));

/** A type that is not known here is one of a newer server. */
export function typeLabel(type: string): string {
	return (CHANNEL_TYPES as Record<string, TypeOfChannel>)[type]?.label ?? type.replaceAll("_", " ");
}

export function fieldsOf(type: string): readonly ConfigField[] {
	return (CHANNEL_TYPES as Record<string, TypeOfChannel>)[type]?.fields ?? [];
}
