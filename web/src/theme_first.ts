/** Before the first paint: the theme that this browser has chosen, if any. */
try {
	const chosen = localStorage.getItem("versioner.theme");
	if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
	// Storage may be forbidden; then the system's theme holds.
}
