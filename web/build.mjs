// Bundles the pages: build.mjs OUT [--depfile FILE --target NAME] makes OUT/index.html, OUT/docs.html and OUT/redoc.html with OUT/assets/*, which have
// hashed names, OUT/openapi.json, and OUT/licenses.txt.
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { parse } from "yaml";

/** The pages of the API's description. They are apart from the dashboard: each is one large script of its own. */
const DOCS = [
	{ page: "docs.html", title: "Try the API", entry: "src/docs/swagger.ts" },
	{ page: "redoc.html", title: "Read the API", entry: "src/docs/redoc.ts" },
];
/** What the scripts are made of. Their licenses want to be shown with them. */
const LICENSES = ["preact/LICENSE", "openapi-fetch/LICENSE", "redoc/LICENSE", "redoc/bundles/redoc.standalone.js.LICENSE.txt",
	"swagger-ui-dist/NOTICE", "swagger-ui-dist/LICENSE", "swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt"];
/** Redoc shows its maker's logo from another host. */
const withoutForeignLogo = {
	name: "without-foreign-logo",
	setup: (building) =>
		building.onLoad({ filter: /redoc\.standalone\.js$/ }, async ({ path }) => {
			const [before, after, ...more] = (await readFile(path, "utf8")).split("https://cdn.redoc.ly/redoc/logo-mini.svg");
			if (after === undefined || more.length) throw new Error("Redoc's logo is not where it was");
			return { contents: before + "data:," + after };
		}),
};
const here = dirname(fileURLToPath(import.meta.url));
const [out = join(here, "build/dist"), ...flags] = process.argv.slice(2);
const flag = (name) => (flags.includes(name) ? flags[flags.indexOf(name) + 1] : undefined);

const common = {
	absWorkingDir: here,
	bundle: true,
	minify: true,
	metafile: true,
	outdir: join(resolve(out), "assets"),
	entryNames: "[name]-[hash]",
	chunkNames: "[name]-[hash]",
	target: ["chrome123", "firefox120", "safari17.5"],
	legalComments: "none",
	logLevel: "warning",
	jsx: "automatic",
	jsxImportSource: "preact",
};

/** The address of what an entry became. */
function addressOf(metafile, entry, ending) {
	for (const [path, made] of Object.entries(metafile.outputs))
		if (made.entryPoint === entry) return "/assets/" + (ending === ".css" ? made.cssBundle : path).split("/").pop();
	throw new Error(`nothing was made of ${entry}`);
}

/** Tags for what an entry imports, so that a browser asks for all of it at once instead of when it has read the entry. */
function preloads(metafile, entry) {
	const ofEntry = Object.values(metafile.outputs).find((made) => made.entryPoint === entry);
	const waiting = [ofEntry];
	const names = new Set();
	for (const made of waiting)
		for (const { path, kind } of made.imports) {
			const name = path.split("/").pop();
			if (kind !== "import-statement" || names.has(name)) continue;
			names.add(name);
			waiting.push(metafile.outputs[path]);
		}
	return [...names].map((name) => `<link rel="modulepreload" href="/assets/${name}">`).join("\n");
}

async function addIcon() {
	const bytes = await readFile(join(here, "src/favicon.svg"));
	const name = `favicon-${createHash("sha256").update(bytes).digest("hex").slice(0, 8).toUpperCase()}.svg`;
	await writeFile(join(out, "assets", name), bytes);
	return "/assets/" + name;
}

async function writeDepfile(path, target, metafiles) {
	const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs).map((name) => relative(process.cwd(), join(here, name))));
	const own = ["build.mjs", "docs.html", "index.html", "../api/openapi.yaml", "src/favicon.svg", "package-lock.json", "tsconfig.json"];
	const all = [...new Set([...inputs, ...own.map((name) => relative(process.cwd(), join(here, name)))])].sort();
	await writeFile(path, `${target}: ${all.map((name) => name.replaceAll(" ", "\\ ")).join(" \\\n  ")}\n`);
}

async function writePage(name, template, values) {
	const page = await readFile(join(here, template), "utf8");
	await writeFile(join(out, name), page.replace(/%(\w+)%/g, (_, word) => values[word]));
}

/** A browser sends its requests to where the page came from, wherever that is. */
async function writeDescription() {
	const description = parse(await readFile(join(here, "../api/openapi.yaml"), "utf8"));
	await writeFile(join(out, "openapi.json"), JSON.stringify({ ...description, servers: [{ url: "/" }] }));
}

async function writeLicenses() {
	const texts = await Promise.all(LICENSES.map(async (name) => `==== ${name}\n\n${await readFile(join(here, "node_modules", name), "utf8")}`));
	await writeFile(join(out, "licenses.txt"), texts.join("\n\n"));
}

await rm(out, { recursive: true, force: true });
await mkdir(join(out, "assets"), { recursive: true });
// The theme is set before the first paint: a script of its own, which blocks.
const theme = await build({ ...common, entryPoints: ["src/theme_first.ts"], format: "iife" });
const main = await build({ ...common, entryPoints: ["src/main.tsx"], format: "esm", splitting: true });
const addresses = {
	icon: await addIcon(),
	style: addressOf(main.metafile, "src/main.tsx", ".css"),
	theme: addressOf(theme.metafile, "src/theme_first.ts"),
	main: addressOf(main.metafile, "src/main.tsx"),
	preloads: preloads(main.metafile, "src/main.tsx"),
};
await writePage("index.html", "index.html", addresses);
const docs = await build({
	...common,
	entryPoints: DOCS.map(({ entry }) => entry),
	format: "iife",
	alias: { null: "./src/docs/nothing.ts" },
	plugins: [withoutForeignLogo],
});
for (const { page, title, entry } of DOCS) {
	const [style, script] = [addressOf(docs.metafile, entry, ".css"), addressOf(docs.metafile, entry)];
	await writePage(page, "docs.html", { title, style, script, icon: addresses.icon });
}
await writeDescription();
await writeLicenses();
if (flag("--depfile")) await writeDepfile(flag("--depfile"), flag("--target"), [theme.metafile, main.metafile, docs.metafile]);
