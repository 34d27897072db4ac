-- Views for psql, sqlite3 and dashboards, with names joined and times that a person can read: timestamptz in PostgreSQL, ISO 8601 text in
-- SQLite. Each has the same columns in the same order on both engines, the account's slug first. And the place of an import's progress.

-- How far `versioner import` has come: one row while it is under way, none otherwise. digest: of so many lines of its file.
CREATE TABLE import_progress (
	id BIGINT NOT NULL PRIMARY KEY,
	lines BIGINT NOT NULL,
	digest TEXT NOT NULL,
	updated_at BIGINT NOT NULL
);
--postgresql SELECT versioner_compare_bytes();

-- duration_seconds: from its start to its end.
CREATE VIEW versioner_deployments AS SELECT
	a.slug AS account, d.id, p.name AS product, e.name AS environment, e.type AS environment_type, v.name AS version, d.state, d.rollout,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', d.pending_at / 1000000.0, 'unixepoch') AS pending_at,
--postgresql 	to_timestamp(d.pending_at / 1000000.0) AS pending_at,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', d.started_at / 1000000.0, 'unixepoch') AS started_at,
--postgresql 	to_timestamp(d.started_at / 1000000.0) AS started_at,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', d.ended_at / 1000000.0, 'unixepoch') AS ended_at,
--postgresql 	to_timestamp(d.ended_at / 1000000.0) AS ended_at,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', d.attempted_at / 1000000.0, 'unixepoch') AS attempted_at,
--postgresql 	to_timestamp(d.attempted_at / 1000000.0) AS attempted_at,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', d.received_at / 1000000.0, 'unixepoch') AS received_at,
--postgresql 	to_timestamp(d.received_at / 1000000.0) AS received_at,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', d.updated_at / 1000000.0, 'unixepoch') AS updated_at,
--postgresql 	to_timestamp(d.updated_at / 1000000.0) AS updated_at,
	(d.ended_at - d.started_at) / 1000000.0 AS duration_seconds,
	d.build_number, d.build_url, d.deploy_url, d.invoke_id, d.source_system, d.scm_repository, d.scm_sha, d.scm_branch,
	d.actor, d.actor_email, d.actor_name, d.error_message, d.error_code, d.extra_metadata,
	d.product_id, d.environment_id, d.version_id
FROM deployment d JOIN account a ON a.id = d.account_id
LEFT JOIN product p ON p.account_id = d.account_id AND p.id = d.product_id
LEFT JOIN environment e ON e.account_id = d.account_id AND e.id = d.environment_id
LEFT JOIN version v ON v.account_id = d.account_id AND v.id = d.version_id;

CREATE VIEW versioner_builds AS SELECT
	a.slug AS account, b.id, p.name AS product, v.name AS version, b.state,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', b.pending_at / 1000000.0, 'unixepoch') AS pending_at,
--postgresql 	to_timestamp(b.pending_at / 1000000.0) AS pending_at,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', b.started_at / 1000000.0, 'unixepoch') AS started_at,
--postgresql 	to_timestamp(b.started_at / 1000000.0) AS started_at,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', b.ended_at / 1000000.0, 'unixepoch') AS ended_at,
--postgresql 	to_timestamp(b.ended_at / 1000000.0) AS ended_at,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', b.attempted_at / 1000000.0, 'unixepoch') AS attempted_at,
--postgresql 	to_timestamp(b.attempted_at / 1000000.0) AS attempted_at,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', b.received_at / 1000000.0, 'unixepoch') AS received_at,
--postgresql 	to_timestamp(b.received_at / 1000000.0) AS received_at,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', b.updated_at / 1000000.0, 'unixepoch') AS updated_at,
--postgresql 	to_timestamp(b.updated_at / 1000000.0) AS updated_at,
	(b.ended_at - b.started_at) / 1000000.0 AS duration_seconds,
	b.build_number, b.build_url, b.invoke_id, b.source_system, b.scm_repository, b.scm_sha, b.scm_branch,
	b.actor, b.actor_email, b.actor_name, b.error_message, b.error_code, b.extra_metadata,
	b.product_id, b.version_id
FROM build b JOIN account a ON a.id = b.account_id
LEFT JOIN product p ON p.account_id = b.account_id AND p.id = b.product_id
LEFT JOIN version v ON v.account_id = b.account_id AND v.id = b.version_id;

-- The matrix: what runs where now, and the latest attempt there. Without what has been deleted.
CREATE VIEW versioner_environment_state AS SELECT
	a.slug AS account, p.name AS product, e.name AS environment, e.type AS environment_type,
	s.current_version, s.current_rollout,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', s.current_since / 1000000.0, 'unixepoch') AS current_since,
--postgresql 	to_timestamp(s.current_since / 1000000.0) AS current_since,
	s.latest_version, s.latest_state,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', s.latest_attempted_at / 1000000.0, 'unixepoch') AS latest_attempted_at,
--postgresql 	to_timestamp(s.latest_attempted_at / 1000000.0) AS latest_attempted_at,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', s.latest_deployed_at / 1000000.0, 'unixepoch') AS latest_deployed_at,
--postgresql 	to_timestamp(s.latest_deployed_at / 1000000.0) AS latest_deployed_at,
	s.product_id, s.environment_id, s.current_deployment_id, s.current_version_id, s.latest_deployment_id, s.latest_version_id
FROM environment_state s JOIN account a ON a.id = s.account_id
JOIN product p ON p.account_id = s.account_id AND p.id = s.product_id AND p.deleted_at IS NULL
JOIN environment e ON e.account_id = s.account_id AND e.id = s.environment_id AND e.deleted_at IS NULL;

CREATE VIEW versioner_events AS SELECT
	a.slug AS account, ev.id, ev.type, ev.effect, p.name AS product, e.name AS environment, v.name AS version, ev.actor,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', ev.occurred_at / 1000000.0, 'unixepoch') AS occurred_at,
--postgresql 	to_timestamp(ev.occurred_at / 1000000.0) AS occurred_at,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', ev.received_at / 1000000.0, 'unixepoch') AS received_at,
--postgresql 	to_timestamp(ev.received_at / 1000000.0) AS received_at,
	ev.subject_id, ev.payload, ev.product_id, ev.environment_id, ev.version_id
FROM event ev JOIN account a ON a.id = ev.account_id
LEFT JOIN product p ON p.account_id = ev.account_id AND p.id = ev.product_id
LEFT JOIN environment e ON e.account_id = ev.account_id AND e.id = ev.environment_id
LEFT JOIN version v ON v.account_id = ev.account_id AND v.id = ev.version_id;

CREATE VIEW versioner_versions AS SELECT
	a.slug AS account, v.id, p.name AS product, v.name AS version, v.scm_sha, v.scm_repository,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', v.created_at / 1000000.0, 'unixepoch') AS created_at,
--postgresql 	to_timestamp(v.created_at / 1000000.0) AS created_at,
	v.product_id
FROM version v JOIN account a ON a.id = v.account_id
LEFT JOIN product p ON p.account_id = v.account_id AND p.id = v.product_id;

-- Product, environment and version are null when retention has cut the event.
CREATE VIEW versioner_notifications AS SELECT
	a.slug AS account, n.id, c.name AS channel, c.type AS channel_type, n.event_type, p.name AS product, e.name AS environment, v.name AS version,
	n.state, n.attempts,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', n.created_at / 1000000.0, 'unixepoch') AS created_at,
--postgresql 	to_timestamp(n.created_at / 1000000.0) AS created_at,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', n.due_at / 1000000.0, 'unixepoch') AS due_at,
--postgresql 	to_timestamp(n.due_at / 1000000.0) AS due_at,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', n.attempted_at / 1000000.0, 'unixepoch') AS attempted_at,
--postgresql 	to_timestamp(n.attempted_at / 1000000.0) AS attempted_at,
--sqlite 	strftime('%Y-%m-%dT%H:%M:%fZ', n.finished_at / 1000000.0, 'unixepoch') AS finished_at,
--postgresql 	to_timestamp(n.finished_at / 1000000.0) AS finished_at,
	n.duration / 1000000.0 AS duration_seconds, n.answer_status, n.answer,
	n.channel_id, n.event_id, n.subject_id, n.folded_into
FROM notification n JOIN account a ON a.id = n.account_id
LEFT JOIN notification_channel c ON c.account_id = n.account_id AND c.id = n.channel_id
LEFT JOIN event ev ON ev.account_id = n.account_id AND ev.id = n.event_id
LEFT JOIN product p ON p.account_id = n.account_id AND p.id = ev.product_id
LEFT JOIN environment e ON e.account_id = n.account_id AND e.id = ev.environment_id
LEFT JOIN version v ON v.account_id = n.account_id AND v.id = ev.version_id;
