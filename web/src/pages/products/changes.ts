/** What a form changed of a product: only that is sent. */
import type { Product } from "../../api/types";

export interface Draft {
	name: string;
	description: string;
	metadata: string;
}

export interface Changes {
	name?: string;
	description?: string | null;
	extra_metadata?: Record<string, unknown> | null;
}

export function metadataText(metadata: Product["extra_metadata"]): string {
	return metadata ? JSON.stringify(metadata, null, 2) : "";
}

function parsed(text: string): Record<string, unknown> | null | undefined {
	if (!text.trim()) return null;
	try {
		const value: unknown = JSON.parse(text);
		return value && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}

/** A sentence when the metadata is no JSON object. */
export function changesOf(product: Product, draft: Draft): Changes | string {
	const changes: Changes = {};
	if (draft.name !== product.name) changes.name = draft.name;
	if (draft.description !== (product.description ?? "")) changes.description = draft.description || null;
	if (draft.metadata !== metadataText(product.extra_metadata)) {
		const metadata = parsed(draft.metadata);
		if (metadata === undefined) return "This is no JSON object.";
		changes.extra_metadata = metadata;
	}
	return changes;
}
