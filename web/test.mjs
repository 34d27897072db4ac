// Runs the tests of what needs no browser: test.mjs [FOLDER] bundles test/*.test.ts into FOLDER (build/test) and runs them here, in web/.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { parse } from "yaml";

const here = dirname(fileURLToPath(import.meta.url));
const folder = resolve(process.argv[2] ?? join(here, "build/test"));
const tests = readdirSync(join(here, "test")).filter((name) => name.endsWith(".test.ts"));

/** The API's description, for tests that hold a table against it. */
const yamlAsJson = {
	name: "yaml-as-json",
	setup: (building) => building.onLoad({ filter: /\.yaml$/ }, ({ path }) => ({ contents: JSON.stringify(parse(readFileSync(path, "utf8"))), loader: "json" })),
};

rmSync(folder, { recursive: true, force: true });
await build({
	absWorkingDir: here,
	entryPoints: tests.map((name) => join("test", name)),
	outdir: folder,
	outExtension: { ".js": ".mjs" },
	bundle: true,
	format: "esm",
	platform: "node",
	target: "node18",
	sourcemap: "inline",
	jsx: "automatic",
	jsxImportSource: "preact",
	plugins: [yamlAsJson],
	logLevel: "warning",
});
const files = tests.map((name) => join(folder, name.replace(/\.ts$/, ".mjs")));
const done = spawnSync(process.execPath, ["--test", "--test-reporter=tap", ...files], { stdio: "inherit", cwd: here });
process.exit(done.status ?? 1);
