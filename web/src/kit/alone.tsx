/** A page without the frame: a card in the middle, for those who are not logged in. */
import type { ComponentChildren } from "preact";
import { useTitle } from "./page";

export function AlonePage({ title, children }: { title: string; children: ComponentChildren }) {
	useTitle(title);
	return (
		<main class="alone">
			<p class="product-name">Versioner</p>
			<div class="card">
				<h1>{title}</h1>
				{children}
			</div>
		</main>
	);
}
