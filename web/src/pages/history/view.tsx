/** The one thing that ?view= names: skeleton, "not found" and errors are the same for all. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Loaded } from "../../app/data";
import { navigate, setQuery, withQuery } from "../../app/location";
import { EmptyState, ErrorBox, Skeleton } from "../../kit/messages";
import { Button } from "../../kit/button";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What is no id is not asked for: it would be a request to another path. */
export function isId(view: string): boolean {
	return UUID.test(view);
}

/** Back to the list with its filters; the browser's own back comes here again. */
export function closeView(): void {
	navigate(withQuery({ view: null }));
}

export const viewPath = (id: string) => withQuery({ view: id });

/** The title of the browser's tab for as long as the thing is shown. */
function useViewTitle(title: string | null): void {
	useEffect(() => {
		if (!title) return;
		const before = document.title;
		document.title = `${title} · Versioner`;
		return () => {
			document.title = before;
		};
	}, [title]);
}

interface OneProps<T> {
	/** "deployment", "version", "product". */
	word: string;
	/** Several of them, where that is not the word with an s. */
	words?: string;
	loaded: Loaded<T>;
	title: (thing: T) => string;
	children: (thing: T) => ComponentChildren;
}

export function One<T>({ word, words = word + "s", loaded, title, children }: OneProps<T>) {
	const { data, error, reload } = loaded;
	useViewTitle(data ? title(data) : null);
	if (data) return <>{children(data)}</>;
	if (error?.status === 404)
		return (
			<EmptyState title={`There is no such ${word}`} icon="unknown">
				<p>The link may be of another account, or the {word} is not there any more.</p>
				<Button onClick={() => setQuery({ view: null })}>Show all {words}</Button>
			</EmptyState>
		);
	return error ? <ErrorBox error={error} onRetry={reload} /> : <Skeleton lines={8} />;
}
