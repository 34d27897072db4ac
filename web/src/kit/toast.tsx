/** Short messages at the edge, read out by screen readers. */
import { createStore, useStore } from "../app/store";
import { asApiError } from "../api/error";
import { Button } from "./button";
import { Icon } from "./icon";

interface Toast {
	id: number;
	tone: "good" | "bad";
	text: string;
}

const toasts = createStore<Toast[]>([]);
let next = 1;

function dismiss(id: number): void {
	toasts.set(toasts.get().filter((toast) => toast.id !== id));
}

function show(tone: Toast["tone"], text: string): void {
	const id = next++;
	toasts.set([...toasts.get().slice(-3), { id, tone, text }]);
	setTimeout(dismiss, tone === "good" ? 5000 : 12_000, id);
}

export const toast = {
	done: (text: string) => show("good", text),
	failed: (thrown: unknown) => show("bad", typeof thrown === "string" ? thrown : asApiError(thrown).message),
};

/** Stands once in the layout. */
export function Toasts() {
	const shown = useStore(toasts);
	return (
		<div class="toasts" role="region" aria-label="Messages" aria-live="polite">
			{shown.map(({ id, tone, text }) => (
				<div key={id} class={`toast toast-${tone}`}>
					<Icon name={tone === "good" ? "check" : "failed"} />
					<p>{text}</p>
					<Button look="quiet" icon="cross" label="Dismiss" onClick={() => dismiss(id)} />
				</div>
			))}
		</div>
	);
}
