"""The project's own checks: each rule of check-house, check-docs and check-needed finds its violation, and run-tests counts single cases
right."""
import ast
import gzip
import hashlib
import importlib.machinery
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools")
CHECK_HOUSE = os.path.join(TOOLS, "check-house")
CHECK_DOCS = os.path.join(TOOLS, "check-docs")
EMBED_WEB = os.path.join(TOOLS, "embed-web")
CHECK_NEEDED = os.path.join(TOOLS, "check-needed")

# A house without a violation; each case below changes some files of it.
GOOD = {
    "src/base/meson.build": "sources = files('text.c')",
    "src/base/text.h": "/* Text. */\n#pragma once\n",
    "src/base/text.c": '/* Text. */\n#include "base/text.h"\n',
    "src/db/meson.build": "sources = files('db.c', 'libsqlite3.c', 'sqlite.c')\n'migrations/0001_first.sql',",
    "src/db/libsqlite3.c": '/* SQLite, loaded. */\n\t.package = "libsqlite3-0",\n',
    "src/db/libsqlite3.h": "/* SQLite, loaded. */\n#pragma once\n#include <sqlite3.h>\n",
    "src/db/db.h": "/* Store. */\n#pragma once\n",
    "src/db/db.c": '/* Store. */\n#include "base/text.h"\n#include "db/db.h"\n',
    "src/db/sqlite.c": '/* SQLite. */\n#include "db/libsqlite3.h"\n',
    "src/db/migrations/0001_first.sql": "",
    "src/http/http.h": "/* HTTP. */\n#pragma once\n",
    "src/main.c": '/* Main. */\n#include "db/db.h"\n',
    "tests/unit/meson.build": "'text',",
    "tests/unit/base/test_text.c": "/* Text. */\n",
    "tools/packages.txt": "build  libsqlite3-dev why\nrun    libsqlite3-0 why\n",
}

TO_DO = "TO" + "DO"
VIOLATIONS = [
    ("a floor above", {"src/base/text.h": '/* Text. */\n#pragma once\n#include "db/db.h"\n'},
     "src/base/text.h:3: base must not include db/db.h: db is not on a lower floor"),
    ("the same floor", {"src/db/db.c": '/* Store. */\n#include "http/http.h"\n'},
     "src/db/db.c:2: db must not include http/http.h: http is not on a lower floor"),
    ("no file of a room", {"src/db/db.c": '/* Store. */\n#include "db.h"\n'},
     'src/db/db.c:2: "db.h" is no file of a room: includes are "room/file.h"'),
    ("a room that is not there", {"src/misc/x.h": "/* X. */\n#pragma once\n"}, "src/misc/x.h:1: there is no room misc"),
    ("an owned header", {"src/db/db.c": "/* Store. */\n#include <sqlite3.h>\n"},
     "src/db/db.c:2: only src/db/libsqlite3\\.h may include sqlite3.h"),
    ("the header of a library that is loaded", {"src/db/db.c": '/* Store. */\n#include "db/libsqlite3.h"\n'},
     "src/db/db.c:2: only src/db/(lib)?sqlite[^/]* may include db/libsqlite3.h"),
    ("an owned header in its room's parent", {"src/main.c": "/* Main. */\n  #  include <microhttpd.h>\n"},
     "src/main.c:2: only src/http/libmicrohttpd\\.h may include microhttpd.h"),
    ("an owned folder of headers", {"src/http/http.h": "/* HTTP. */\n#pragma once\n#include <curl/curl.h>\n"},
     "src/http/http.h:3: only src/outgoing/libcurl\\.h may include curl/curl.h"),
    ("no head", {"src/db/db.c": "#include <stdio.h>\n"}, "src/db/db.c:1: a file begins with a comment that says its one job"),
    ("no head in a test", {"tests/unit/base/test_text.c": "int x;\n"},
     "tests/unit/base/test_text.c:1: a file begins with a comment that says its one job"),
    ("no guard", {"src/db/db.h": "/* Store. */\n"}, "src/db/db.h:1: a header has #pragma once"),
    ("too long", {"src/main.c": "/* Main. */\n" + "\n" * 500}, "src/main.c:501: 501 lines; 500 is the limit"),
    ("unfinished", {"src/main.c": f"/* Main. */\n/* {TO_DO}: all */\n"}, "src/main.c:2: unfinished work is not marked but done"),
    ("a machine", {"docs/start.md": "see /ho" + "me/jane/x\n"}, "docs/start.md:1: names a path of somebody's machine"),
    ("a source that is not built", {"src/base/more.c": "/* More. */\n"}, "src/base/more.c:1: is not listed in src/base/meson.build"),
    ("a migration that is not built", {"src/db/migrations/0002_more.sql": ""},
     "src/db/migrations/0002_more.sql:1: is not listed in src/db/meson.build"),
    ("a package that nobody installs", {"tools/packages.txt": "build  libsqlite3-0 why\n"},
     'src/db/libsqlite3.c:2: loads a library of libsqlite3-0, which is not among "run" in tools/packages.txt'),
    ("a test that is not run", {"tests/unit/base/test_more.c": "/* More. */\n"},
     "tests/unit/base/test_more.c:1: is not listed in tests/unit/meson.build"),
]

# Documentation without a violation.
GOOD_DOCS = {
    "README.md": "# Start\n[API](docs/api.md#get-products) `--listen` `--product` `--api-key` [here](#start) [web](https://example.com/x)\n```\n[no](link.md)\n```\n",
    "ARCHITECTURE.md": "### src/api\n| `routes` | the routes |\n\n### src/base\n| `command` | c |\n\n### src/cli\n| `cli_settings` | o |\n\n### src/serve\n| `settings_table` | s |\n## End\n| `x` | y |\n",
    "docs/page.md": '<source srcset="images/matrix-dark.png">\n<img alt="The matrix"\n src="images/matrix-light.png">\n',
    "docs/images/matrix-dark.png": "P", "docs/images/matrix-light.png": "P",
    "web/src/app/routes.ts": 'export const NAVIGATION = [\n\t{ href: "/", label: "Matrix" },\n\t{ href: "/settings", label: "S" },\n];\n',
    "docs/api.md": "### GET /products/\n### POST /products/\n### GET /health\n",
    "meson.build": "project('x', 'c',\n  version: '0.1.0',\n",
    "api/openapi.yaml": "info: {version: 0.1.0}\npaths:\n  /products:\n    get: {$ref: '#/components/schemas/A'}\n    post: {}\n  /health:\n    parameters: []\n"
                        "    get: {}\ncomponents:\n  schemas:\n    A: {}\n",
    "src/api/routes.c": '#define READ(name, handler) {"GET", name, 1}\n#define WRITE(method, name) \\\n\t{method, name, 1}\n'
                        '#define PAGE(name, handler) {"GET", name, 0}\n\tPAGE("/login", page),\n'
                        '\tREAD("/products", list),\n\tWRITE("POST", "/products"),\n\t{"GET", "/health", 0},\n',
    "src/serve/settings_table.c": '{.name = "listen", .help = "where"},\n{.name = "secret-key", .help = "x", .env_only = true},\n',
    "src/base/command.c": 'if (!strcmp(word, "--help"))\n',
    "src/cli/cli_settings.c": '{.name = "api-key", .secret = true},\n\tOPTION("product", "NAME", "what"),\n',
}

DOCS_VIOLATIONS = [
    ("a link to nothing", {"docs/a.md": "see [b](b.md)\n"}, "docs/a.md: links to b.md, which is not there"),
    ("a link to no heading", {"docs/a.md": "see [b](../README.md#end)\n"},
     "docs/a.md: links to ../README.md#end: there is no such heading"),
    ("a flag of nobody", {"docs/a.md": "give `--lissen`\n"}, "docs/a.md: names --lissen, which is no flag of the program"),
    ("a setting without a flag", {"docs/a.md": "```\n--secret-key\n```\n"}, "docs/a.md: names --secret-key, which is no flag of the program"),
    ("an endpoint that is not described", {"docs/api.md": "### GET /products/\n### GET /health\n"},
     'docs/api.md: has no heading "### POST /products", which is in src/api/routes.c'),
    ("an endpoint that is not there", {"docs/api.md": GOOD_DOCS["docs/api.md"] + "### DELETE /products/\n"},
     "docs/api.md: describes DELETE /products, which is not in src/api/routes.c"),
    ("a route that has no description", {"api/openapi.yaml": GOOD_DOCS["api/openapi.yaml"].replace("    post: {}\n", "")},
     "api/openapi.yaml: does not describe POST /products, which is in src/api/routes.c"),
    ("a description of no route", {"api/openapi.yaml": GOOD_DOCS["api/openapi.yaml"].replace("    post: {}\n", "    post: {}\n    delete: {}\n")},
     "api/openapi.yaml: describes DELETE /products, which is not in src/api/routes.c"),
    ("a reference to nothing", {"api/openapi.yaml": GOOD_DOCS["api/openapi.yaml"].replace("post: {}", "post: {$ref: '#/components/schemas/B'}")},
     "api/openapi.yaml: refers to schemas/B, which is not there"),
    ("a schema of nothing", {"api/openapi.yaml": GOOD_DOCS["api/openapi.yaml"] + "    B: {}\n"},
     "api/openapi.yaml: has schemas/B, which nothing refers to"),
    ("a description of another version", {"meson.build": "  version: '0.2.0',\n"},
     "api/openapi.yaml: is not of version 0.2.0, which is in meson.build"),
    ("a page without a picture", {"web/src/app/routes.ts": GOOD_DOCS["web/src/app/routes.ts"].replace("];", '\t{ href: "/manage/x", label: "X" },\n];'),
                                  "docs/images/x-light.png": "P", "docs/page.md": GOOD_DOCS["docs/page.md"] + '<img src="images/x-light.png">'},
     "docs/images: has no picture x-dark: make screenshots"),
    ("a tab of the settings in one theme", {"web/src/pages/settings/tabs.ts": 'export const SETTINGS_TABS = [\n{ path: "/settings/keys" },\n];\n',
                                            "docs/images/settings-keys-dark.png": "P", "README.md": GOOD_DOCS["README.md"] + '<img src="docs/images/settings-keys-dark.png">'},
     "docs/images: has no picture settings-keys-light: make screenshots"),
    ("a picture that is not there", {"README.md": GOOD_DOCS["README.md"] + '<img src="docs/images/y.png">'},
     "README.md: shows docs/images/y.png, which is not there"),
    ("a picture that nobody sees", {"docs/page.md": '<img src="images/matrix-light.png">'}, "docs/images: has matrix-dark.png, which no page shows"),
    ("a large picture", {"docs/images/matrix-dark.png": "P" * 150_001}, "docs/images: has matrix-dark.png of 150001 bytes; 150000 is the limit"),
    ("a navigation of another form", {"web/src/app/routes.ts": "export const NAVIGATION = [];\n"},
     "web/src/app/routes.ts: its table has another form than tools/check-docs expects"),
    ("a word that is not described", {"src/domain/status.c": '\tBOTH("paused", STATE_PENDING)\n', "ARCHITECTURE.md": GOOD_DOCS["ARCHITECTURE.md"] + "### src/domain\n| `status` | w |\n"},
     "docs/events.md: does not name paused, which is in src/domain/status.c"),
    ("a file without a place on the map", {"src/api/new.h": ""}, "ARCHITECTURE.md: does not name new in the table of src/api"),
    ("a room without a place on the map", {"src/cli/run.c": ""}, "ARCHITECTURE.md: does not name run in the table of src/cli"),
    ("a file on the map only", {"ARCHITECTURE.md": GOOD_DOCS["ARCHITECTURE.md"].replace("`routes`", "`routes` | r |\n| `old`")},
     "ARCHITECTURE.md: names old in the table of src/api, which is not there"),
]


def check(changes, program=CHECK_HOUSE, good=None):
    with tempfile.TemporaryDirectory() as root:
        for path, content in {**(good or GOOD), **changes}.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as f:
                f.write(content)
        done = subprocess.run([sys.executable, program, root], capture_output=True, text=True, check=False)
        return done.returncode, (done.stdout + done.stderr).splitlines()


class House(unittest.TestCase):
    def test_a_good_house_passes(self):
        self.assertEqual(check({}), (0, []))

    def test_each_violation_is_one_line(self):
        for name, changes, line in VIOLATIONS:
            with self.subTest(name):
                self.assertEqual(check(changes), (1, [line]))


class Docs(unittest.TestCase):
    def test_good_documentation_passes(self):
        self.assertEqual(check({}, CHECK_DOCS, GOOD_DOCS), (0, []))

    def test_each_violation_is_one_line(self):
        for name, changes, line in DOCS_VIOLATIONS:
            with self.subTest(name):
                self.assertEqual(check(changes, CHECK_DOCS, GOOD_DOCS), (1, [line]))


class Needed(unittest.TestCase):
    def check_program_with(self, *libraries):
        """The lines about a program that is linked with these."""
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "program")
            command = ["cc", "-x", "c", "-", "-o", program, "-Wl,--no-as-needed", *libraries]
            subprocess.run(command, input="int main(void) { return 0; }", text=True, check=True)
            done = subprocess.run([sys.executable, CHECK_NEEDED, program], capture_output=True, text=True, check=False)
            return done.returncode, (done.stdout + done.stderr).replace(program, "program").splitlines()

    def test_what_may_be_linked(self):
        self.assertEqual(self.check_program_with("-lz", "-lsodium"), (0, []))

    def test_what_is_loaded_on_first_use(self):
        self.assertEqual(self.check_program_with("-lz", "-lsqlite3", "-lpq"), (1, [
            "program: is linked with libsqlite3.so.0, which is to be loaded on first use",
            "program: is linked with libpq.so.5, which is to be loaded on first use"]))

    def test_what_is_no_program(self):
        done = subprocess.run([sys.executable, CHECK_NEEDED, CHECK_NEEDED], capture_output=True, text=True, check=False)
        self.assertNotEqual(done.returncode, 0)


class Embed(unittest.TestCase):
    """The C source that carries the dashboard, from a web/ whose bundler is a script of the test."""

    def embed(self, folder, modules=True):
        for name in ("tools", "web/node_modules" if modules else "web", "out"):
            os.makedirs(os.path.join(folder, name), exist_ok=True)
        shutil.copy(EMBED_WEB, os.path.join(folder, "tools"))
        with open(os.path.join(folder, "web/build.mjs"), "w", encoding="utf-8") as f:
            f.write('import { mkdirSync, writeFileSync } from "node:fs";\nconst out = process.argv[2];\nmkdirSync(out + "/assets", { recursive: true });\n'
                    'writeFileSync(out + "/index.html", `<p>?""?/</p>`);\nwriteFileSync(out + "/assets/a.js", Buffer.from([...Array(256).keys()]));\n')
        command = [sys.executable, os.path.join(folder, "tools/embed-web"), "out.c", "out.d", "out"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        source = ""
        if done.returncode == 0:
            with open(os.path.join(folder, "out.c"), encoding="ascii") as f:
                source = f.read()
        return done, source

    def test_the_source_is_what_the_files_are(self):
        with tempfile.TemporaryDirectory() as folder:
            _, source = self.embed(folder)
            rows = re.findall(r'\{\{"([^"]+)", (\d+)\}, "([^"]+)", (true|false), \{\{\n(.*?),\n\t\t(\d+)\}, (\d+), "([0-9a-f]{32})"\}\},', source, re.S)
            self.assertEqual([(path, lasting, plain) for path, _, _, lasting, _, _, plain, _ in rows],
                             [("/assets/a.js", "true", "256"), ("/index.html", "false", "12")])
            self.assertNotIn("??", source)  # a trigraph, to some compilers
            for path, _, _, _, literal, size, plain, tag in rows:
                packed = ast.literal_eval("b" + " b".join(line.strip() for line in literal.split("\n")))
                data = gzip.decompress(packed)
                self.assertEqual((len(packed), len(data), hashlib.sha256(data).hexdigest()[:32]), (int(size), int(plain), tag), path)
            self.assertEqual(self.embed(folder)[1], source)

    def test_what_is_missing_is_said(self):
        with tempfile.TemporaryDirectory() as folder:
            done, _ = self.embed(folder, modules=False)
            self.assertEqual((done.returncode, done.stderr), (1, "embed-web: web/node_modules is not there: run tools/setup build, or npm ci in web/\n"))


def load_run_tests():
    loader = importlib.machinery.SourceFileLoader("run_tests", os.path.join(TOOLS, "run-tests"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_tests", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


class Counts(unittest.TestCase):
    def setUp(self):
        self.run_tests = load_run_tests()

    def assert_count(self, count, passed, failed, skipped=0):
        self.assertEqual((count.passed, count.failed, count.skipped), (passed, failed, skipped))

    def test_cmocka(self):
        cmocka = self.run_tests.count_cmocka
        self.assert_count(cmocka("1..2\nok 1 - a\n# note\nok 2 - b\n", 0), 2, 0)
        self.assert_count(cmocka("1..3\nok 1 - a\nnot ok 2 - b\nnot ok 3 # SKIP c\n", 1), 1, 1, 1)
        self.assert_count(cmocka("1..1\nok 1 - a\n1..1\nok 1 - b\n", 0), 2, 0)

    def test_what_was_planned_and_did_not_report_has_failed(self):
        self.assert_count(self.run_tests.count_cmocka("1..4\nok 1 - a\n", -11), 1, 3)

    def test_a_bad_end_is_a_failure(self):
        self.assert_count(self.run_tests.count_cmocka("1..1\nok 1 - a\n", 1), 1, 1)
        self.assert_count(self.run_tests.count_cmocka("", 0), 0, 1)
        self.assert_count(self.run_tests.count_node("", 1), 0, 1)

    def test_node_counts_leaves_and_skips_details(self):
        tap = ("TAP version 13\n# Subtest: S\n    ok 1 - one\n      ---\n      not ok 9 - text of a detail\n      ...\n"
               "    not ok 2 - two\n    ok 3 - three # SKIP\n        ok 1 - x\n    ok 4 - in\n    1..4\nnot ok 1 - S\nok 2 - top\n")
        self.assert_count(self.run_tests.count_node(tap, 1), 3, 1, 1)

    def test_node_a_suite_that_fails_on_its_own_counts(self):
        self.assert_count(self.run_tests.count_node("    ok 1 - q\nnot ok 1 - S\n", 1), 1, 1)


if __name__ == "__main__":
    unittest.main()
