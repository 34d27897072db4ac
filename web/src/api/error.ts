/** What went wrong with a request, as a sentence for the reader. */

export interface FieldError {
	field: string;
	message: string;
}

export class ApiError extends Error {
	constructor(
		readonly status: number,
		message: string,
		/** The code of a conflict, such as NAME_TAKEN. */
		readonly code: string | null = null,
		/** What a 422 said of single fields. */
		readonly fields: FieldError[] = [],
		/** For how many seconds the server wants to be left alone. */
		readonly retryAfter: number | null = null,
	) {
		super(message);
	}

	/** What was said of one field, or else of its members, if anything. */
	of(field: string): string | undefined {
		const own = this.fields.find((error) => error.field === field);
		if (own) return own.message;
		const members = this.fields.filter((error) => error.field.startsWith(field + "."));
		return members.map((error) => `${error.field.slice(field.length + 1)}: ${error.message}`).join(" ") || undefined;
	}
}

const SENTENCES: Record<number, string> = {
	0: "The server cannot be reached. Is the network there?",
	401: "You are not logged in.",
	403: "Your role does not allow this.",
	404: "This does not exist, or not any more.",
	413: "This is too large for the server.",
	429: "Too many requests. Wait a moment.",
	500: "The server failed. Its log says why.",
	503: "The server is overloaded or stopping. Try again in a moment.",
};

function sentence(text: string): string {
	const upper = text.charAt(0).toUpperCase() + text.slice(1);
	return /[.!?]$/.test(upper) ? upper : upper + ".";
}

function fieldErrors(detail: unknown[]): FieldError[] {
	return detail.flatMap((one) => {
		const { loc, msg } = (one ?? {}) as { loc?: unknown[]; msg?: unknown };
		if (!Array.isArray(loc) || typeof msg !== "string") return [];
		return [{ field: loc.slice(1).join("."), message: sentence(msg) }];
	});
}

/** The seconds of a Retry-After header, if it has some. */
export function secondsOf(header: string | null): number | null {
	return header && /^\d{1,6}$/.test(header) ? Number(header) : null;
}

/** The error of an answer that was no success. `body` is what came, parsed if it was JSON. */
export function errorOf(status: number, body: unknown, retryAfter: number | null = null): ApiError {
	const { detail, error, request_id } = (body && typeof body === "object" ? body : {}) as Record<string, unknown>;
	const code = typeof error === "string" ? error : null;
	if (Array.isArray(detail)) {
		const fields = fieldErrors(detail);
		const message = fields.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join(" ");
		return new ApiError(status, message || "A field is wrong.", code, fields);
	}
	if (status === 500 && typeof request_id === "string") return new ApiError(status, `The server failed. Its log says why, at request ${request_id}.`);
	const known = SENTENCES[status] ?? (status > 500 ? SENTENCES[503] : undefined);
	// 401 and 403 have a sentence of their own only where it says more than the status.
	const standing = detail === "Invalid authentication credentials" || detail === "You do not have permission to perform this action" || detail === "Not found";
	if (typeof detail === "string" && detail && !standing) return new ApiError(status, sentence(detail), code, [], retryAfter);
	return new ApiError(status, known ?? `The server answered with ${status}.`, code);
}

export function asApiError(thrown: unknown): ApiError {
	if (thrown instanceof ApiError) return thrown;
	if (thrown instanceof TypeError) return new ApiError(0, SENTENCES[0]!);
	return new ApiError(0, thrown instanceof Error ? thrown.message : String(thrown));
}
