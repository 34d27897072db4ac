/* Completion as the shells do it, and manual pages as they are read. The scripts and the help come from one table (tests/unit/cli/test_completion.c). */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { before, describe, test } from "node:test";
import * as fs from "node:fs";
import * as path from "node:path";
import { use_home } from "./cli";
import { BINARY, run_binary } from "./server";

const has = (program: string): boolean => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
const missing = (program: string): string | false => (has(program) ? false : `needs ${program}`);

/* What is typed, and what must be offered; the last entry may be a part of it. */
const TYPED: [string, string[]][] = [
	["versioner tr", ["track"]],
	["versioner track ", ["build", "deployment"]],
	["versioner track build --ver", ["--verbose", "--version"]],
	["versioner track deployment --scm-", ["--scm-branch", "--scm-repository", "--scm-sha"]],
	["versioner serve --log-level ", ["debug", "error", "info", "warn"]],
	["versioner completion ", ["bash", "fish", "zsh"]],
	["versioner admin re", ["reset-password", "revoke-key"]],
	["versioner track build --config ver", ["versions.yaml"]],
	["versioner backup ver", ["versions.yaml"]],
	["versioner diff --js", ["--json"]],
	["versioner serve --product", []],
	["versioner track build --version ", []],
];

describe("completion", () => {
	const home = use_home();
	const script = (shell: string): string => path.join(home.dir, `completion.${shell}`);
	before(() => {
		for (const shell of ["bash", "zsh", "fish"]) {
			const made = run_binary(["completion", shell]);
			assert.equal(made.status, 0, made.stderr);
			assert.equal(made.stderr, "");
			fs.writeFileSync(script(shell), made.stdout);
		}
		fs.writeFileSync(path.join(home.dir, "versions.yaml"), "");
	});

	for (const [shell, check] of [["bash", "-n"], ["zsh", "-n"], ["fish", "--no-execute"]])
		test(`${shell} takes the script`, { skip: missing(shell) }, () => {
			const checked = spawnSync(shell, [check, script(shell)], { encoding: "utf8" });
			assert.equal(checked.status, 0, checked.stderr);
			assert.equal(checked.stderr, "");
		});

	test("shellcheck finds no error in the script for bash", { skip: missing("shellcheck") }, () => {
		const checked = spawnSync("shellcheck", ["-s", "bash", "-S", "error", script("bash")], { encoding: "utf8" });
		assert.equal(checked.status, 0, checked.stdout);
	});

	/* bash itself splits the line at blanks and "=", as readline does. */
	const IN_BASH = `
		. "$1"
		read -ra COMP_WORDS <<< "\${2//=/ = }"
		[[ $2 == *" " ]] && COMP_WORDS+=("")
		[[ $2 == *= ]] && COMP_WORDS[-1]="="
		COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
		complete -p versioner > /dev/null && _versioner && printf '%s\\n' "\${COMPREPLY[@]}"`;
	const offered = (line: string): string[] => {
		const ran = spawnSync("bash", ["-c", IN_BASH, "bash", script("bash"), line], { encoding: "utf8", cwd: home.dir });
		assert.equal(ran.stderr, "", line);
		return ran.stdout.split("\n").filter(Boolean).sort();
	};
	for (const [line, wanted] of [...TYPED, ["versioner serve --log-level=d", ["debug"]], ["versioner track build --spool=", ["false", "true"]],
		["versioner run --product p -- versions", []], ["versioner run -- cat vers", ["versions.yaml"]], ["versioner help track b", ["build"]]] as [string, string[]][])
		test(`bash: ${JSON.stringify(line)}`, { skip: missing("bash") }, () => assert.deepEqual(offered(line), wanted));

	for (const [line, wanted] of TYPED)
		test(`fish: ${JSON.stringify(line)}`, { skip: missing("fish") }, () => {
			const ran = spawnSync("fish", ["--no-config", "-c", 'source $argv[1]; complete -C "$argv[2]"', script("fish"), line], { encoding: "utf8", cwd: home.dir });
			assert.equal(ran.stderr, "");
			assert.deepEqual(ran.stdout.split("\n").filter(Boolean).map((l) => l.split("\t")[0]).sort(), wanted);
		});

	test("zsh: the lines of a terminal", { skip: missing("zsh") }, () => {
		/* zpty gives the shell a terminal of its own; a key completes what is typed. */
		const lines: [string, string][] = [["versioner tr", "versioner track"], ["versioner completion f", "fish"], ["versioner track build --ver", "--ver"],
			["versioner track build --spool=t", "--spool=true"], ["versioner backup ver", "versions.yaml"]];
		const typed = lines.map(([line]) => `type ${JSON.stringify(line)}`).join("\n");
		const program = `
			zmodload zsh/zpty
			zpty -b z zsh -f -i
			take() { out=; local part; while zpty -r -t z part; do out+=$part; done }
			until_quiet() { local all= i; for i in {1..100}; do sleep 0.05; take; all+=$out; [[ -n $all && -z $out ]] && break; done; out=$all }
			type() { zpty -w -n z "$1"$'\\t'; until_quiet; print -r -- "LINE \${(V)out}"; zpty -w -n z $'\\x15'; until_quiet }
			zpty -w z 'PS1=">"; autoload -U compinit; compinit -D -u; source ${script("zsh")}; print RE""ADY'
			until_quiet; [[ $out == *READY* ]] || { sleep 1; until_quiet }
			${typed}`;
		const ran = spawnSync("zsh", ["-f", "-c", program], { encoding: "utf8", cwd: home.dir, timeout: 60_000, env: { ...process.env, HOME: home.dir, TERM: "dumb" } });
		const answers = ran.stdout.split("LINE ").slice(1);
		assert.equal(answers.length, lines.length, ran.stdout + ran.stderr);
		for (const [i, [line, wanted]] of lines.entries()) assert.ok(answers[i].includes(wanted), `${line}: ${answers[i]}`);
		assert.doesNotMatch(ran.stdout, /bad |error|not found/);
	});

	test("one shell is named, or it is an error", () => {
		for (const args of [[], ["tcsh"], ["bash", "zsh"]]) {
			const ran = run_binary(["completion", ...args]);
			assert.equal(ran.status, 1);
			assert.equal(ran.stdout, "");
			assert.match(ran.stderr, /bash, zsh or fish/);
		}
	});
});

describe("manual pages", () => {
	const home = use_home();
	const folder = path.join(home.dir, "man1");
	before(() => {
		fs.mkdirSync(folder);
		assert.equal(run_binary(["man", folder]).status, 0);
	});

	test("one for the program and for each command, as man lists them", () => {
		const commands = [...run_binary([]).stdout.matchAll(/^ {2}([a-z]+(?: [a-z]+)?) {2,}/gm)].map((m) => m[1]);
		assert.ok(commands.length > 10 && commands.includes("track build"));
		const wanted = ["versioner.1", ...commands.map((c) => `versioner-${c.replace(" ", "-")}.1`)].sort();
		assert.deepEqual(fs.readdirSync(folder).sort(), wanted);
		assert.deepEqual(run_binary(["man"]).stdout.trim().split("\n").sort(), wanted);
	});

	test("groff has nothing to complain of", { skip: missing("groff") }, () => {
		for (const name of fs.readdirSync(folder)) {
			const read = spawnSync("groff", ["-man", "-ww", "-z", "-Kutf8", "-Tutf8", path.join(folder, name)], { encoding: "utf8" });
			assert.equal(read.status, 0);
			assert.equal(read.stderr, "", name);
		}
	});

	test("they say what the help says", { skip: missing("groff") }, () => {
		for (const command of ["track build", "track deployment", "run", "serve", "flush"]) {
			const file = path.join(folder, `versioner-${command.replace(" ", "-")}.1`);
			const shown = spawnSync("groff", ["-man", "-Kutf8", "-Tutf8", "-P-c", file], { encoding: "utf8" }).stdout.replace(/.\x08/g, "");
			const flags = [...run_binary([...command.split(" "), "--help"]).stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map((m) => m[1]);
			for (const flag of flags) assert.ok(new RegExp(`^ +(-\\w, )?${flag}( |\\[|$)`, "m").test(shown), `${command} ${flag}`);
		}
	});

	test("a folder that is not there is said", () => {
		const ran = run_binary(["man", path.join(home.dir, "none")]);
		assert.equal(ran.status, 1);
		assert.match(ran.stderr, /versioner man: .*cannot be written/);
	});
});

test("every command has a help, and it names its flags", () => {
	const commands = [...run_binary([]).stdout.matchAll(/^ {2}([a-z]+(?: [a-z]+)?) {2,}/gm)].map((m) => m[1].split(" "));
	for (const command of commands)
		for (const words of [[...command, "--help"], ["help", ...command]]) {
			const ran = run_binary(words);
			assert.equal(ran.status, 0, `${BINARY} ${words.join(" ")}`);
			assert.ok(ran.stdout.startsWith(`Usage: versioner ${command.join(" ")}`));
		}
});
