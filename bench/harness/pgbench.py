"""pgbench with the statements of harness/statements.py: the floor of the write path on PostgreSQL."""

import itertools
import re
import subprocess
import time

from harness import knobs
from harness.postgres import Database
from harness.statements import BEGIN, COMMIT, CURRENT, LOCK, MARK, PLACE, ROUNDS, TRY_LOCK, WRITE, Seen, Statement

PRODUCTS, ENVIRONMENTS, PHASES = 200, 5, 3  # of load/events.lua
WARM = 2  # seconds that do not count: each statement of the script is planned anew when it is first run
PROGRESS = re.compile(r"^progress: [\d.]+ s, ([\d.]+) tps, .* (\d+) failed", re.M)

# What is the same in all events.
CONSTANTS = {
    "account": "1",
    "branch": "main",
    "source": "github",
    "actor": "octocat",
    "email": "octocat@example.com",
    "key": "api_key:k1",
    "metadata": '{"vi_gh_workflow":"deploy","vi_gh_run_attempt":"1","vi_gh_event":"push","region":"eu-central-1","replicas":3}',
    "payload": '{"product_name":"service-127","version":"1.2.0-r30986x1","environment_name":"dev","status":"pending",'
    '"scm_repository":"example/service-127","scm_sha":"0000007f00000002000f58930000002b00000f68","scm_branch":"main",'
    '"build_number":"2","invoke_id":"r30986x1-127-0-2","build_url":"https://github.com/example/service-127/actions/runs/2",'
    '"source_system":"github","deployed_by":"octocat","deployed_by_email":"octocat@example.com","extra_metadata":'
    '{"vi_gh_workflow":"deploy","vi_gh_run_attempt":"1","vi_gh_event":"push","region":"eu-central-1","replicas":3}}',
}
# As many as the load has, under names as long as its; each product belongs to one client.
CATALOG = """
INSERT INTO product (account_id, id, name, created_at, updated_at)
SELECT 1, '01a20a3d-1000-7001-96ef-000000000' || n, 'program-' || n, 1, 1 FROM generate_series(100, 299) n;
INSERT INTO environment (account_id, id, name, type, created_at, updated_at)
SELECT 1, '01a20a3d-1000-7003-9fb7-00000000000' || n, 'environment-' || n, 'other', 1, 1 FROM generate_series(0, 4) n
"""
_runs = itertools.count(1)


class Script:
    """One transaction of `batch` events; its lines."""

    def __init__(self, seen: Seen, clients: int, batch: int, run: int) -> None:
        self.texts, self.clients, self.batch = seen.texts, clients, batch
        self.names = {"RUN": f"01a2{run:04d}-1000", "LABEL": f"{run:04d}"}
        self.lines: list[str] = []
        for i in range(batch):
            self.set_event(i)
        self.lines += ["\\set mark 100000000000 + :n * :scale + :client_id", "\\set mark_before :mark - :scale * %d" % batch]
        if seen.interleaved:
            self.write_together()
        else:
            self.write_one_by_one()
        self.lines.append(f"\\set n :n + {batch}")

    def set_event(self, i: int) -> None:
        mine = PRODUCTS // self.clients * ENVIRONMENTS
        for name, value in (
            ("k", f":n + {i}"),
            ("p#", f"100 + :k % {mine // ENVIRONMENTS} * {self.clients} + :client_id"),
            ("e#", f":k / {mine // ENVIRONMENTS} % {ENVIRONMENTS}"),
            ("f#", f":k / {mine} % {PHASES}"),
            ("b#", f":k / {mine * PHASES}"),
            ("before", "case when :f# = 2 then 0 else 1 end"),
            ("d#", "200000000000 + :b# * 1000 + (:p# - 100) * 5 + :e#"),
            ("v#", "200000000000 + :b# * 200 + :p# - 100"),
            ("c#", ":d# - 1000 * :before"),
            ("w#", ":v# - 200 * :before"),
            ("x#", ":b# - :before"),
            ("k#", f"100000000000 + :k * {self.clients} + :client_id"),
            ("t#", f":t0 + :k * {300 * self.clients}"),
            ("u#", f":t# - {300 * self.clients * mine}"),
        ):
            self.lines.append(f"\\set {name} {value}".replace("#", str(i)))

    # ---- statements ----

    def text(self, s: Statement, i: int, phase: int) -> str:
        values = [value[phase] if isinstance(value, tuple) else value for value in s.values]
        sql = re.sub(r"\$(\d+)", lambda n: f"({v})" if " " in (v := values[int(n[1]) - 1]) else v, self.texts[s])
        for name, value in self.names.items():
            sql = sql.replace(name, value)
        return sql.replace("#", str(i)) + ";"

    def add(self, s: Statement, i: int) -> None:
        """With one copy for all phases in which its text is the same: pgbench prepares each copy for itself."""
        phases: dict[str, list[int]] = {}
        for phase, condition in enumerate(s.when):
            if condition is not None:
                phases.setdefault(self.text(s, i, phase), []).append(phase)
        for text, those in phases.items():
            condition = self.condition(s, i, those)
            self.lines += [f"\\if {condition}", text, "\\endif"] if condition else [text]

    @staticmethod
    def condition(s: Statement, i: int, phases: list[int]) -> str:
        if [s.when[phase] for phase in phases] == [""] * PHASES:
            return ""
        parts = [f":f# = {phase}" + (f" and {s.when[phase]}" if s.when[phase] else "") for phase in phases]
        return " or ".join(parts).replace("#", str(i))

    def add_round(self, number: int, i: int) -> None:
        if number == PLACE:
            self.add(TRY_LOCK if i else LOCK, i)
        for s in ROUNDS[number]:
            self.add(s, i)

    # ---- transactions ----

    def begin(self) -> None:
        self.lines += ["\\startpipeline", self.text(BEGIN, 0, 0)]

    def end(self) -> None:
        self.add(MARK, 0)
        self.lines += [self.text(COMMIT, 0, 0), "\\endpipeline"]

    def write_one_by_one(self) -> None:
        self.begin()
        for i in range(self.batch):
            self.add_round(PLACE, i)
            self.lines.append("\\endpipeline")
            for number in range(PLACE + 1, WRITE):
                self.add_waited(number, [i])
            self.lines.append("\\startpipeline")
            self.add_round(WRITE, i)
        self.end()

    def write_together(self) -> None:
        everyone = list(range(self.batch))
        self.begin()
        for i in everyone:
            self.add_round(PLACE, i)
        self.lines.append("\\endpipeline")
        for number in range(PLACE + 1, CURRENT + 1):
            self.add_waited(number, everyone)
        self.lines.append("\\startpipeline")
        for i in everyone:
            self.add_round(WRITE, i)
        self.end()

    def add_waited(self, number: int, events: list[int]) -> None:
        """A round of these events, unless none has it. Neighbours are in the same phase, or in two that follow each other."""
        ends = sorted({events[0], events[-1]})
        phases = {s: [p for p in range(PHASES) if s.when[p] is not None] for s in ROUNDS[number]}
        conditions = [self.condition(s, i, phases[s]) for i in ends for s in ROUNDS[number]]
        if len(events) > 1:
            conditions = [re.sub(r" and :e\d+ [=>] 0", "", condition) for condition in conditions]
        asked = "" if "" in conditions else " or ".join(sorted(set(conditions)))
        self.lines += ([f"\\if {asked}"] if asked else []) + ["\\startpipeline"]
        for i in events:
            self.add_round(number, i)
        self.lines += ["\\endpipeline"] + (["\\endif"] if asked else [])


def run(database: Database, seen: Seen, batch: int, seconds: float, writers: int = 0) -> float:
    """Events a second, stored by as many clients as the server has connections that write."""
    clients = writers or seen.writers
    number = next(_runs)
    path = knobs.DATA / "events.sql"
    path.write_text("\n".join(Script(seen, clients, batch, number).lines) + "\n")
    before = int(database.ask("SELECT count(*) FROM event"))
    constants = {**CONSTANTS, "n": "0", "t0": str(time.time_ns() // 1000), "scale": "100"}
    argv = [database.bin / "pgbench", "-n", "-M", "prepared", "-c", clients, "-j", min(2, clients), "-P", 1,
            "-T", max(1, round(seconds)) + WARM, "-f", path]
    argv += [word for name, value in constants.items() for word in ("-D", f"{name}={value}")]
    done = subprocess.run([str(a) for a in [*argv, database.dsn]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    rates = [(float(rate), int(failed)) for rate, failed in PROGRESS.findall(done.stderr)][WARM:]
    if done.returncode or not rates or any(failed for _, failed in rates):
        raise RuntimeError(f"pgbench ended with {done.returncode}:\n{done.stdout}\n{done.stderr[-2000:]}")
    said = int(re.search(r"actually processed: (\d+)", done.stdout)[1]) * batch
    stored = int(database.ask("SELECT count(*) FROM event")) - before
    if stored != said:
        raise RuntimeError(f"pgbench tells of {said} events, and {stored} are there")
    return sum(rate for rate, _ in rates) / len(rates) * batch
