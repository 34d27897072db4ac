// Types: check.mjs [FOLDER] writes those of the API (api/openapi.yaml) into FOLDER (build), then checks all of src/ and test/ with them.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const folder = resolve(process.argv[2] ?? join(here, "build"));

function run(out, script, ...args) {
	const done = spawnSync(process.execPath, [join(here, "node_modules", script), ...args], { cwd: here, stdio: ["ignore", out, "inherit"] });
	if (done.status !== 0) process.exit(done.status ?? 1);
}

mkdirSync(folder, { recursive: true });
run("ignore", "openapi-typescript/bin/cli.js", "../api/openapi.yaml", "--output", join(folder, "openapi.d.ts"));

/** The tests know Node's own types, the pages do not. */
function check(name, types) {
	const compilerOptions = { types, typeRoots: [join(here, "node_modules/@types")], paths: { "api-types": [join(folder, "openapi.d.ts")] } };
	const settings = join(folder, `tsconfig.${name}.json`);
	writeFileSync(settings, JSON.stringify({ extends: join(here, "tsconfig.json"), compilerOptions, include: [join(here, name)] }));
	run("inherit", "typescript/bin/tsc", "-p", settings);
}

check("src", []);
check("test", ["node"]);
