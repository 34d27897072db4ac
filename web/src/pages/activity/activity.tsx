/** What happens, as it happens: the feed of events. */
import { useEffect, useRef } from "preact/hooks";
import { useEnvironmentNames, useProductNames } from "../../app/catalog";
import { useFilters } from "../../app/filters";
import { Button } from "../../kit/button";
import { FilterBar } from "../../kit/filter_bar";
import { CodeBlock, EmptyState, ErrorBox, Skeleton } from "../../kit/messages";
import { PageHeader } from "../../kit/page";
import { SEND_DEPLOYMENT } from "../history/examples";
import { EventLine } from "./event_line";
import { useFeed } from "./use_feed";
import { TYPE_OPTIONS } from "./words";

const FILTERS = ["product", "environment", "type", "since", "until"] as const;
/** Scrolled further down than this, the reader reads. */
const TOP_PX = 80;

/** Whether something under the reader's eyes would jump if new lines came: scrolled down, pointing at a line, or on one by keyboard. */
function useReading(onIdle: () => void) {
	const box = useRef<HTMLDivElement>(null);
	// A finger that taps leaves its pointer where it was: only a mouse hovers.
	const isHovered = () => matchMedia("(hover: hover)").matches && (box.current?.matches(":hover") ?? false);
	const isReading = () => scrollY > TOP_PX || isHovered() || (box.current?.contains(document.activeElement) ?? false);
	const idle = useRef(onIdle);
	idle.current = onIdle;
	const settle = () => requestAnimationFrame(() => isReading() || idle.current());
	useEffect(() => {
		addEventListener("scroll", settle, { passive: true });
		return () => removeEventListener("scroll", settle);
	}, []);
	const handlers = { onPointerLeave: settle, onFocusOut: settle };
	return { box, isReading, handlers };
}

export default function Page() {
	const filters = useFilters("activity", FILTERS);
	const release = useRef(() => {});
	const { box, isReading, handlers } = useReading(() => release.current());
	const feed = useFeed(filters.values, isReading);
	release.current = () => feed.held.length && feed.release();
	const fields = [
		{ name: "product", label: "Product", options: useProductNames() },
		{ name: "environment", label: "Environment", options: useEnvironmentNames() },
		{ name: "type", label: "Type", options: TYPE_OPTIONS },
		{ name: "since", label: "Since", time: true },
		{ name: "until", label: "Until", time: true },
	] as const;
	const toTop = () => {
		feed.release();
		scrollTo({ top: 0 });
		document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
	};
	return (
		<>
			<PageHeader title="Activity" about="What happens, as it happens." />
			<FilterBar filters={filters} fields={fields} />
			<div class="new-events" role="status">
				{feed.held.length > 0 && (
					<Button look="primary" icon="up" onClick={toTop}>
						{feed.held.length === 1 ? "1 new event" : `${feed.held.length} new events`}
					</Button>
				)}
			</div>
			{feed.shown.length > 0 ? (
				<div ref={box} {...handlers}>
					<ol class="feed" aria-label="Events, newest first">
						{feed.shown.map((event) => (
							<EventLine key={event.id} event={event} />
						))}
					</ol>
					<ErrorBox error={feed.error} onRetry={feed.cursor ? feed.loadMore : feed.reload} />
					{feed.cursor && (
						<div class="load-more">
							<Button busy={feed.loading} onClick={feed.loadMore}>
								Load more
							</Button>
						</div>
					)}
				</div>
			) : feed.error ? (
				<ErrorBox error={feed.error} onRetry={feed.reload} />
			) : feed.begun ? (
				<Nothing filtered={filters.any} />
			) : (
				<Skeleton lines={10} />
			)}
		</>
	);
}

function Nothing({ filtered }: { filtered: boolean }) {
	if (filtered)
		return (
			<EmptyState title="Nothing matches these filters" icon="pulse">
				<p>New events that do appear here by themselves.</p>
			</EmptyState>
		);
	return (
		<EmptyState title="Nothing has happened yet" icon="pulse">
			<p>Send an event from a pipeline, or from here. It appears without a reload.</p>
			<CodeBlock code={SEND_DEPLOYMENT} label="Send a deployment" />
		</EmptyState>
	);
}
