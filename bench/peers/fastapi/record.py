"""Recording one deployment event: one transaction, six round trips (seven when it completes a deployment)."""

import json
import random
import time
import uuid
from datetime import datetime, timezone
from typing import Optional

from asyncpg import Connection, Record

from event import OPEN_STATES, DeploymentEvent

DETAILS = (
    "build_number build_url deploy_url invoke_id source_system scm_repository scm_sha scm_branch "
    "deployed_by deployed_by_email deployed_by_name error_message error_code"
).split()
CONTENT = [*DETAILS, "extra_metadata"]

# Names to ids in one round trip. The lock keeps two first events of one place from making two deployments.
FIND_PLACE = """
SELECT p.id AS product_id, e.id AS environment_id, v.id AS version_id, v.scm_sha,
       pg_advisory_xact_lock(hashtextextended($2 || '/' || $3 || '/' || $4, $1))
FROM (SELECT 1) one
LEFT JOIN product p ON p.account_id = $1 AND p.name = $2
LEFT JOIN environment e ON e.account_id = $1 AND e.name = $3
LEFT JOIN version v ON v.account_id = $1 AND v.product_id = p.id AND v.name = $4"""
INSERT_PRODUCT = """
INSERT INTO product (account_id, id, name, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
ON CONFLICT (account_id, name) DO UPDATE SET name = excluded.name RETURNING id"""
INSERT_ENVIRONMENT = """
INSERT INTO environment (account_id, id, name, type, created_at, updated_at) VALUES ($1, $2, $3, 'other', $4, $4)
ON CONFLICT (account_id, name) DO UPDATE SET name = excluded.name RETURNING id"""
INSERT_VERSION = """
INSERT INTO version (account_id, id, product_id, name, scm_sha, scm_repository, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (account_id, product_id, name) DO UPDATE SET name = excluded.name RETURNING id"""
# The open attempt that the event may belong to, else the newest one of its run.
FIND_ATTEMPT = """
SELECT * FROM deployment
WHERE account_id = $1 AND version_id = $2 AND environment_id = $3
  AND (run_key = $4 OR state IN ('pending', 'started') AND (run_key IS NULL OR $4::text IS NULL))
ORDER BY state IN ('pending', 'started') DESC, id DESC LIMIT 1"""
INSERT_DEPLOYMENT = f"""
INSERT INTO deployment (account_id, id, product_id, environment_id, version_id, state, rollout, run_key, pending_at, started_at,
  ended_at, attempted_at, received_at, updated_at, state_event_id, {", ".join(CONTENT)})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14, {", ".join(f"${15 + i}" for i in range(len(CONTENT)))})
RETURNING *"""
UPDATE_DEPLOYMENT = f"""
UPDATE deployment SET state = $3, rollout = coalesce($4, rollout), run_key = coalesce(run_key, $5), pending_at = $6,
  started_at = $7, ended_at = $8, updated_at = $9, state_event_id = $10,
  {", ".join(f"{name} = coalesce(${11 + i}, {name})" for i, name in enumerate(DETAILS))},
  extra_metadata = coalesce(extra_metadata || ${11 + len(DETAILS)}, ${11 + len(DETAILS)}, extra_metadata)
WHERE account_id = $1 AND id = $2 RETURNING *"""
INSERT_EVENT = """
INSERT INTO event (account_id, product_id, environment_id, id, type, effect, subject_id, version_id, actor, occurred_at,
  received_at, payload) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"""
FIND_CURRENT = """
SELECT s.current_version_id, EXISTS (SELECT 1 FROM deployment d WHERE d.account_id = $1 AND d.version_id = $4
  AND d.environment_id = $3 AND d.state = 'completed') AS was_current
FROM environment_state s WHERE s.account_id = $1 AND s.product_id = $2 AND s.environment_id = $3"""
# The event and the matrix row in one round trip.
INSERT_EVENT_LATEST = f"""
WITH logged AS ({INSERT_EVENT})
INSERT INTO environment_state AS s (account_id, product_id, environment_id, latest_deployment_id, latest_version_id, latest_version,
  latest_state, latest_attempted_at) VALUES ($1, $2, $3, $7, $8, $13, $14, $15)
ON CONFLICT (account_id, product_id, environment_id) DO UPDATE SET latest_deployment_id = excluded.latest_deployment_id,
  latest_version_id = excluded.latest_version_id, latest_version = excluded.latest_version, latest_state = excluded.latest_state,
  latest_attempted_at = excluded.latest_attempted_at
WHERE s.latest_attempted_at <= excluded.latest_attempted_at"""
INSERT_EVENT_CURRENT = f"""
WITH logged AS ({INSERT_EVENT})
INSERT INTO environment_state AS s (account_id, product_id, environment_id, latest_deployment_id, latest_version_id, latest_version,
  latest_state, latest_attempted_at, current_deployment_id, current_version_id, current_version, current_rollout, current_since)
VALUES ($1, $2, $3, $7, $8, $13, $14, $15, $7, $8, $13, $16, $17)
ON CONFLICT (account_id, product_id, environment_id) DO UPDATE SET current_deployment_id = excluded.current_deployment_id,
  current_version_id = excluded.current_version_id, current_version = excluded.current_version,
  current_rollout = excluded.current_rollout, current_since = excluded.current_since,
  latest_deployment_id = CASE WHEN s.latest_attempted_at <= $15 THEN $7 ELSE s.latest_deployment_id END,
  latest_version_id = CASE WHEN s.latest_attempted_at <= $15 THEN $8 ELSE s.latest_version_id END,
  latest_version = CASE WHEN s.latest_attempted_at <= $15 THEN $13 ELSE s.latest_version END,
  latest_state = CASE WHEN s.latest_attempted_at <= $15 THEN $14 ELSE s.latest_state END,
  latest_attempted_at = greatest(s.latest_attempted_at, $15)
WHERE s.current_since IS NULL OR s.current_since <= $17"""


def uuid7() -> uuid.UUID:
    return uuid.UUID(int=(time.time_ns() // 1_000_000 << 80) | (7 << 76) | (random.getrandbits(12) << 64) | (2 << 62) | random.getrandbits(62))


async def find_place(db: Connection, account: int, event: DeploymentEvent, now: datetime) -> tuple:
    place = await db.fetchrow(FIND_PLACE, account, event.product_name, event.environment_name, event.version)
    product, environment, version = place["product_id"], place["environment_id"], place["version_id"]
    if not product:
        product = await db.fetchval(INSERT_PRODUCT, account, uuid7(), event.product_name, now)
    if not environment:
        environment = await db.fetchval(INSERT_ENVIRONMENT, account, uuid7(), event.environment_name, now)
    if not version:
        version = await db.fetchval(
            INSERT_VERSION, account, uuid7(), product, event.version, event.scm_sha, event.scm_repository, now
        )
    sha = place["scm_sha"]
    warnings = ["version exists with another SHA"] if sha and event.scm_sha and sha != event.scm_sha else []
    known = place["version_id"] is not None  # a version made just now has no deployments
    return product, environment, version, known, warnings


def decide(event: DeploymentEvent, attempt: Optional[Record]) -> str:
    """The lifecycle table: what the event does to the attempt that it belongs to."""
    if attempt is None:
        return "new"
    if attempt["state"] in OPEN_STATES:
        if event.state == attempt["state"]:
            return "duplicate"
        return "ignored" if event.state == "pending" else "advance"
    if event.state in OPEN_STATES:
        known = event.occurred_at or event.started_at
        return "late" if known and known <= attempt["ended_at"] else "new"
    if not event.run_key:
        return "new"
    return "duplicate" if event.state == attempt["state"] else "correction"


def times(event: DeploymentEvent, attempt: Optional[Record], now: datetime) -> tuple:
    pending, started = (attempt["pending_at"], attempt["started_at"]) if attempt else (None, None)
    ended = attempt["ended_at"] if attempt else None
    if event.state == "pending" and not pending:
        pending = event.occurred_at or now
    if not started:
        started = event.started_at or (event.occurred_at or now if event.state == "started" else None)
    if event.state not in OPEN_STATES:
        ended = event.completed_at or event.occurred_at or now
    return pending, started, ended


async def find_rollout(db: Connection, account: int, product, environment, version) -> str:
    current = await db.fetchrow(FIND_CURRENT, account, product, environment, version)
    if not current or not current["current_version_id"]:
        return "initial"
    if current["current_version_id"] == version:
        return "redeploy"
    return "rollback" if current["was_current"] else "upgrade"


def answer(event: DeploymentEvent, row: Record, event_id: uuid.UUID, warnings: list) -> dict:
    def shown(time: Optional[datetime]) -> Optional[str]:
        return time and time.isoformat()

    record = {
        "id": str(row["id"]),
        "event_id": str(event_id),
        "event_type": "deployment." + event.state,
        "product_id": str(row["product_id"]),
        "product_name": event.product_name,
        "version_id": str(row["version_id"]),
        "version": event.version,
        "environment_id": str(row["environment_id"]),
        "environment_name": event.environment_name,
        "status": row["state"],
        "deployed_at": shown(row["ended_at"] or row["started_at"] or row["received_at"]),
        "started_at": shown(row["started_at"]),
        "completed_at": shown(row["ended_at"]),
        "kind": row["rollout"],
        "extra_metadata": json.loads(row["extra_metadata"]) if row["extra_metadata"] else None,
        "soak_time_hours": None,
        "warnings": warnings,
    }
    record.update((name, row[name]) for name in DETAILS)
    return record


async def record_event(db: Connection, account: int, actor: str, event: DeploymentEvent) -> dict:
    now = datetime.now(timezone.utc)
    event_id, key, state = uuid7(), event.run_key, event.state
    metadata = json.dumps(event.extra_metadata) if event.extra_metadata is not None else None
    content = [getattr(event, name) for name in DETAILS] + [metadata]
    async with db.transaction():
        product, environment, version, known, warnings = await find_place(db, account, event, now)
        row = await db.fetchrow(FIND_ATTEMPT, account, version, environment, key) if known else None
        effect = decide(event, row)
        rollout = None
        if state == "completed" and effect in ("new", "advance", "correction"):
            rollout = await find_rollout(db, account, product, environment, version)
        if effect == "new":
            pending, started, ended = times(event, None, now)
            attempted = event.occurred_at or now
            row = await db.fetchrow(
                INSERT_DEPLOYMENT, account, uuid7(), product, environment, version, state, rollout, key, pending, started, ended,
                attempted, now, event_id, *content,
            )
        elif effect in ("advance", "correction", "late"):
            pending, started, ended = times(event, row, now)
            kept = effect == "late"
            row = await db.fetchrow(
                UPDATE_DEPLOYMENT, account, row["id"], row["state"] if kept else state, rollout, key, pending, started,
                row["ended_at"] if kept else ended, now, row["state_event_id"] if kept else event_id, *content,
            )
        logged = (
            account, product, environment, event_id, "deployment." + state, effect, row["id"], version, actor,
            event.occurred_at or event.started_at or now, now, event.json(exclude_none=True),
        )
        if effect not in ("new", "advance", "correction"):
            await db.execute(INSERT_EVENT, *logged)
        elif state == "completed":
            await db.execute(
                INSERT_EVENT_CURRENT, *logged, event.version, state, row["attempted_at"], rollout, row["ended_at"]
            )
        else:
            await db.execute(INSERT_EVENT_LATEST, *logged, event.version, state, row["attempted_at"])
    return answer(event, row, event_id, warnings)
