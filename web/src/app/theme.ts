/** Light, dark, or as the system says. theme_first.ts applies it before the first paint. */
import { createStore } from "./store";
import { recallText, remember } from "./storage";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const kept = recallText("theme");
export const theme = createStore<Theme>(kept === "light" || kept === "dark" ? kept : "system");

export function chooseTheme(next: Theme): void {
	theme.set(next);
	remember("theme", next === "system" ? null : next);
	if (next === "system") delete document.documentElement.dataset.theme;
	else document.documentElement.dataset.theme = next;
}
