"""What recording a deployment event runs on PostgreSQL: which statement, for which events, with which values.

The texts are the server's own: it is run once with the cluster's log of statements, and each that it runs for events must be in
STATEMENTS, or the benchmark ends. Whoever adds one to the hot path, or changes the order of its parameters, changes it here.

The values are pgbench's expressions for $1, $2, …; `#` stands for the number of an event within its transaction. Of the load,
which is load/events.lua's: p# product (100 to 299), e# environment (0 to 4), f# phase (0 pending, 1 started, 2 success), b# build.
Of the rows: k# event, d# and v# deployment and version, c#, w# and x# deployment, version and build that are current there, t# the
time, u# the time of the phase before. Ids are as long as the server's and grow as they do: RUN is their beginning, LABEL the
run's number.
"""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

PRODUCT = "'program-' || :p#"
PRODUCT_ID = "'01a20a3d-1000-7001-96ef-000000000' || :p#"
ENVIRONMENT = "'environment-' || :e#"
ENVIRONMENT_ID = "'01a20a3d-1000-7003-9fb7-00000000000' || :e#"
EVENT_ID = "'RUN-7000-96ef-' || :k#"
DEPLOYMENT_ID, CURRENT_DEPLOYMENT_ID = "'RUN-7002-966a-' || :d#", "'RUN-7002-966a-' || :c#"
VERSION_ID, CURRENT_VERSION_ID = "'RUN-7003-a3f5-' || :v#", "'RUN-7003-a3f5-' || :w#"
VERSION, CURRENT_VERSION = "'1.' || :b# || '.0-r12345LABEL'", "'1.' || :x# || '.0-r12345LABEL'"
RUN_KEY, INVOKE_ID = "'rLABEL-' || :d# || '/1'", "'rLABEL-' || :d#"
SHA = "'0000007f00000002000f58930000' || :d#"
REPOSITORY = "'example/service-' || :p#"
BUILD_URL = "'https://github.com/example/service-' || :p# || '/actions/runs/' || :b#"
STATE = ("'pending'", "'started'", "'completed'")
TYPE = ("'deployment.pending'", "'deployment.started'", "'deployment.completed'")
EFFECT = ("'new'", "'advance'", "'advance'")
PENDING_AT = (":t#", ":u#", ":u#")
STARTED_AT = ("NULL", ":t#", ":u#")
ENDED_AT = ("NULL", "NULL", ":t#")
ROLLOUT = ("NULL", "NULL", "'upgrade'")

ACCOUNT = ":account"
CONTENT = (
    STATE, PENDING_AT, STARTED_AT, ENDED_AT, ":t#", EVENT_ID, ":b#", BUILD_URL, INVOKE_ID, ":source", REPOSITORY, SHA, ":branch",
    ":actor", ":email", "NULL", "NULL", "NULL", ":metadata",
)

# When an event runs it: for each phase a condition, "" for always, None for never. The first of a product's environments brings
# the version.
ALWAYS, PENDING, LATER, SUCCESS = ("", "", ""), ("", None, None), (None, "", ""), (None, None, "")
IF_FIRST, UNLESS_FIRST = ":e# = 0", ":e# > 0"
FIRST, NOT_FIRST = (IF_FIRST, None, None), (UNLESS_FIRST, "", "")
SHARE = {"": 1.0, IF_FIRST: 0.2, UNLESS_FIRST: 0.8, None: 0.0}


@dataclass(frozen=True)
class Statement:
    begins: str  # this and `holds` are in its text, and in no other's
    holds: str
    when: tuple
    values: tuple  # a tuple among them: by phase


# The rounds that an event needs: a round's statements are sent together, and waited for.
PLACE, LOOK, CURRENT, WRITE = range(4)
ROUNDS = {
    PLACE: [  # place.c
        Statement("SELECT p.id AS product_id, v.id AS version_id, v.scm_sha", "FROM account a", ALWAYS,
                  (ACCOUNT, PRODUCT, VERSION, ENVIRONMENT)),
    ],
    LOOK: [  # version.c; matrix.c: get_cell; attempt.c: deployment_find_run
        Statement("INSERT INTO version ", "", FIRST, (ACCOUNT, VERSION_ID, PRODUCT_ID, VERSION, SHA, REPOSITORY, ":t#")),
        Statement("SELECT product_id, environment_id, ", "FROM environment_state", ALWAYS, (ACCOUNT, PRODUCT_ID, ENVIRONMENT_ID)),
        Statement("SELECT d.id, ", "COALESCE(o.run_key, $4)", NOT_FIRST, (ACCOUNT, VERSION_ID, ENVIRONMENT_ID, RUN_KEY)),
    ],
    CURRENT: [  # attempt_list.c: was_current
        Statement("SELECT 1 AS found FROM deployment ", "", SUCCESS, (ACCOUNT, VERSION_ID, ENVIRONMENT_ID, ":t#", DEPLOYMENT_ID)),
    ],
    WRITE: [  # attempt.c, event_log.c, matrix.c: put_cell; nobody waits for them
        Statement("INSERT INTO deployment ", "", PENDING,
                  (ACCOUNT, DEPLOYMENT_ID, *CONTENT, PRODUCT_ID, VERSION_ID, RUN_KEY, ":t#", ":t#", ENVIRONMENT_ID, ROLLOUT,
                   "NULL")),
        Statement("UPDATE deployment SET state", "", LATER, (ACCOUNT, DEPLOYMENT_ID, *CONTENT, ROLLOUT, "NULL")),
        Statement("INSERT INTO event ", "", ALWAYS,
                  (ACCOUNT, EVENT_ID, TYPE, EFFECT, DEPLOYMENT_ID, PRODUCT_ID, ENVIRONMENT_ID, VERSION_ID, ":key", ":t#", ":t#",
                   ":payload")),
        Statement("INSERT INTO environment_state ", "", ALWAYS,
                  (ACCOUNT, PRODUCT_ID, ENVIRONMENT_ID, CURRENT_DEPLOYMENT_ID, CURRENT_VERSION_ID, CURRENT_VERSION, "'upgrade'",
                   (":u#", ":u#", ":t#"), DEPLOYMENT_ID, VERSION_ID, VERSION, STATE, ":u#", ":t#")),
    ],
}
# Of a transaction. postgresql_lock.c, once for each product (neighbours are different ones, as in the fleet's order): the first
# one waits, a further one asks; postgresql_outcome.c.
LOCK = Statement("SELECT pg_advisory_xact_lock(", "", ALWAYS, ("'product 1 program-' || :p#",))
TRY_LOCK = Statement("SELECT pg_try_advisory_xact_lock(", "", ALWAYS, ("'product 1 program-' || :p#",))
BEGIN = Statement("BEGIN ISOLATION LEVEL READ COMMITTED", "", ALWAYS, ())
MARK = Statement("WITH gone AS (DELETE FROM commit_mark", "", ALWAYS,
                 ("'RUN-7005-966a-' || :mark", "'RUN-7005-966a-' || :mark_before", ":t0"))
COMMIT = Statement("COMMIT", "", ALWAYS, ())

STATEMENTS = [LOCK, TRY_LOCK, BEGIN, MARK, COMMIT] + [s for statements in ROUNDS.values() for s in statements]
EXECUTED = re.compile(r"\[(\d+)\] LOG:  execute [^:]+: (.*)$")


def statements_an_event() -> float:
    """Of pgbench, but for those of a transaction."""
    return sum(SHARE[condition] / 3 for statements in ROUNDS.values() for s in statements for condition in s.when)


def matches(statement: Statement, text: str) -> bool:
    return text.startswith(statement.begins) and statement.holds in text


@dataclass
class Seen:
    """What the log of a load said."""

    texts: dict[Statement, str]
    an_event: float  # statements, but for those of a transaction
    writers: int  # connections that stored events
    interleaved: bool  # the events of a transaction look for their places together, and so on


def read_log(log: Path) -> Seen:
    """Every statement of ours must be there, and no other that events have."""
    calls: Counter[str] = Counter()
    by_pid: dict[str, list[str]] = {}
    for line in log.read_text(errors="replace").splitlines():
        if found := EXECUTED.search(line):
            calls[found[2]] += 1
            by_pid.setdefault(found[1], []).append(found[2])
    texts = {s: next((text for text in calls if matches(s, text)), "") for s in STATEMENTS}
    place, event = texts[ROUNDS[PLACE][0]], texts[ROUNDS[WRITE][2]]
    events = calls[event]
    if not event or not events:
        raise RuntimeError(f"the log of statements does not tell of events: {log}")
    check_texts(texts, calls, events)
    locks = (texts[LOCK], texts[TRY_LOCK])
    writing = {pid: [text for text in run if text not in locks] for pid, run in by_pid.items() if event in run}
    together = sum(a == b == place for run in writing.values() for a, b in zip(run, run[1:]))
    of_events = sum(calls[texts[s]] for statements in ROUNDS.values() for s in statements if texts[s])
    return Seen(texts, of_events / events, len(writing), together > events / 4)


def check_texts(texts: dict[Statement, str], calls: Counter, events: int) -> None:
    missing = [s for s in STATEMENTS if not texts[s]]
    # Those that come with few events make products and environments, or are of other work.
    unknown = [text for text, count in calls.items() if count > events / 25 and text not in texts.values()]
    for statement, text in texts.items():
        most = max((int(n) for n in re.findall(r"\$(\d+)", text)), default=0)
        if text and most != len(statement.values):
            unknown.append(text)
    if missing or unknown:
        not_run, run = "; ".join(f"{s.begins}…{s.holds}" for s in missing), "; ".join(text[:200] for text in unknown)
        raise RuntimeError(f"harness/statements.py does not follow the server.\n  Not run by it: {not_run}\n  Run by it: {run}")
