-- Accounts, keys, the catalog, builds and deployments, the event log, and what runs where.
--
-- Every table begins its key with account_id: the boundary between tenants, and the distribution key of a sharded engine.
-- Identifiers are UUIDv7 as text; times are microseconds since 1970 in UTC. In SQLite the tables are clustered on their key.

CREATE TABLE account (
	id BIGINT NOT NULL PRIMARY KEY,
	slug TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL,
	created_at BIGINT NOT NULL
);

CREATE TABLE app_user (
	account_id BIGINT NOT NULL,
	id TEXT NOT NULL,
	email TEXT NOT NULL,
	name TEXT,
	role TEXT NOT NULL,
	password_hash TEXT,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX app_user_email ON app_user (account_id, email);

-- key_number is the number in "sk_{account}_k{number}_{secret}".
CREATE TABLE api_key (
	account_id BIGINT NOT NULL,
	key_number BIGINT NOT NULL,
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	scopes TEXT NOT NULL,
	secret_digest TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	last_used_at BIGINT,
	revoked_at BIGINT,
	PRIMARY KEY (account_id, key_number)
);
CREATE UNIQUE INDEX api_key_id ON api_key (account_id, id);

-- A number that grows with each change of what server processes keep in memory: they compare, and read again.
CREATE TABLE revision (
	name TEXT NOT NULL PRIMARY KEY,
	value BIGINT NOT NULL
);
INSERT INTO revision (name, value) VALUES ('api_key', 1);

CREATE TABLE product (
	account_id BIGINT NOT NULL,
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	description TEXT,
	extra_metadata TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	deleted_at BIGINT,
	PRIMARY KEY (account_id, id)
)
--sqlite WITHOUT ROWID
;
CREATE UNIQUE INDEX product_name ON product (account_id, name) WHERE deleted_at IS NULL;

-- position is null unless somebody chose one: then the type gives the place in the matrix.
CREATE TABLE environment (
	account_id BIGINT NOT NULL,
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	type TEXT NOT NULL,
	position BIGINT,
	description TEXT,
	extra_metadata TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	deleted_at BIGINT,
	PRIMARY KEY (account_id, id)
)
--sqlite WITHOUT ROWID
;
CREATE UNIQUE INDEX environment_name ON environment (account_id, name) WHERE deleted_at IS NULL;

CREATE TABLE version (
	account_id BIGINT NOT NULL,
	id TEXT NOT NULL,
	product_id TEXT NOT NULL,
	name TEXT NOT NULL,
	scm_sha TEXT,
	scm_repository TEXT,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id)
)
--sqlite WITHOUT ROWID
;
CREATE UNIQUE INDEX version_name ON version (account_id, product_id, name);
CREATE INDEX version_product ON version (account_id, product_id, id);

CREATE TABLE build (
	account_id BIGINT NOT NULL,
	id TEXT NOT NULL,
	product_id TEXT NOT NULL,
	version_id TEXT NOT NULL,
	state TEXT NOT NULL,
	run_key TEXT,
	pending_at BIGINT,
	started_at BIGINT,
	ended_at BIGINT,
	attempted_at BIGINT NOT NULL,
	received_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	state_event_id TEXT NOT NULL,
	build_number TEXT,
	build_url TEXT,
	invoke_id TEXT,
	source_system TEXT,
	scm_repository TEXT,
	scm_sha TEXT,
	scm_branch TEXT,
	actor TEXT,
	actor_email TEXT,
	actor_name TEXT,
	error_message TEXT,
	error_code TEXT,
	extra_metadata TEXT,
	PRIMARY KEY (account_id, id)
)
--sqlite WITHOUT ROWID
;
CREATE INDEX build_place ON build (account_id, version_id, id);
CREATE INDEX build_run ON build (account_id, version_id, run_key, id) WHERE run_key IS NOT NULL;
CREATE INDEX build_open ON build (account_id, version_id, id) WHERE state IN ('pending', 'started');
CREATE INDEX build_product ON build (account_id, product_id, id);
CREATE INDEX build_unsuccessful ON build (account_id, id) WHERE state <> 'completed' AND state <> 'pending' AND state <> 'started';

-- rollout: initial, upgrade, redeploy or rollback, once completed.
CREATE TABLE deployment (
	account_id BIGINT NOT NULL,
	id TEXT NOT NULL,
	product_id TEXT NOT NULL,
	environment_id TEXT NOT NULL,
	version_id TEXT NOT NULL,
	state TEXT NOT NULL,
	rollout TEXT,
	run_key TEXT,
	pending_at BIGINT,
	started_at BIGINT,
	ended_at BIGINT,
	attempted_at BIGINT NOT NULL,
	received_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	state_event_id TEXT NOT NULL,
	build_number TEXT,
	build_url TEXT,
	deploy_url TEXT,
	invoke_id TEXT,
	source_system TEXT,
	scm_repository TEXT,
	scm_sha TEXT,
	scm_branch TEXT,
	actor TEXT,
	actor_email TEXT,
	actor_name TEXT,
	error_message TEXT,
	error_code TEXT,
	extra_metadata TEXT,
	PRIMARY KEY (account_id, id)
)
--sqlite WITHOUT ROWID
;
CREATE INDEX deployment_place ON deployment (account_id, version_id, environment_id, id);
CREATE INDEX deployment_run ON deployment (account_id, version_id, environment_id, run_key, id) WHERE run_key IS NOT NULL;
CREATE INDEX deployment_open ON deployment (account_id, version_id, environment_id, id) WHERE state IN ('pending', 'started');
CREATE INDEX deployment_environment ON deployment (account_id, environment_id, id);
CREATE INDEX deployment_completed ON deployment (account_id, product_id, environment_id, ended_at, id) WHERE state = 'completed';
CREATE INDEX deployment_attempted ON deployment (account_id, product_id, environment_id, attempted_at, id);
-- Not "IN (…)": SQLite builds a temporary table for a list of three, at each row that is written.
CREATE INDEX deployment_unsuccessful ON deployment (account_id, id)
	WHERE state <> 'completed' AND state <> 'pending' AND state <> 'started';

-- What runs where, kept in the transaction of each event: the completed deployment with the latest end, and the latest attempt.
-- Names and states stand here too, so that the matrix reads one table.
CREATE TABLE environment_state (
	account_id BIGINT NOT NULL,
	product_id TEXT NOT NULL,
	environment_id TEXT NOT NULL,
	current_deployment_id TEXT,
	current_version_id TEXT,
	current_version TEXT,
	current_rollout TEXT,
	current_since BIGINT,
	latest_deployment_id TEXT NOT NULL,
	latest_version_id TEXT NOT NULL,
	latest_version TEXT NOT NULL,
	latest_state TEXT NOT NULL,
	latest_attempted_at BIGINT NOT NULL,
	latest_deployed_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, product_id, environment_id)
)
--sqlite WITHOUT ROWID
;

-- Append-only. subject_id: the deployment or build; effect: the lifecycle's verdict; actor: who sent it.
-- No index by product here, nor a second one for deployments: each would dirty a page of its own with nearly every event, and
-- doubles what reaches the disk. A product's events are found by its deployments and builds (event_log.c).
CREATE TABLE event (
	account_id BIGINT NOT NULL,
	id TEXT NOT NULL,
	type TEXT NOT NULL,
	effect TEXT NOT NULL,
	subject_id TEXT NOT NULL,
	product_id TEXT NOT NULL,
	environment_id TEXT,
	version_id TEXT NOT NULL,
	actor TEXT NOT NULL,
	occurred_at BIGINT NOT NULL,
	received_at BIGINT NOT NULL,
	payload TEXT NOT NULL,
	PRIMARY KEY (account_id, id)
)
--sqlite WITHOUT ROWID
;
CREATE INDEX event_subject ON event (account_id, subject_id, id);
CREATE INDEX event_environment ON event (account_id, environment_id, id) WHERE environment_id IS NOT NULL;
CREATE INDEX event_type ON event (account_id, type, id);

-- The first answer under an Idempotency-Key, for 24 hours.
CREATE TABLE idempotency (
	account_id BIGINT NOT NULL,
	principal TEXT NOT NULL,
	idempotency_key TEXT NOT NULL,
	request_digest TEXT NOT NULL,
	status BIGINT NOT NULL,
	answer TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, principal, idempotency_key)
)
--sqlite WITHOUT ROWID
;
CREATE INDEX idempotency_age ON idempotency (account_id, created_at);

-- How far the event log has been cut by --retain-events: events before this time are gone, so nothing older can be compared with it.
CREATE TABLE retention_mark (
	account_id BIGINT NOT NULL PRIMARY KEY,
	events_kept_since BIGINT NOT NULL
);

-- SQLite plans by these figures instead of by its guess that an account has ten rows: a large account, and an index for each
-- search. They are fixed, so that a plan is the same on every database and a test can hold it; ANALYZE is never run again.
--sqlite ANALYZE;
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite 	('product', 'product', '5000 5000 1'),
--sqlite 	('product', 'product_name', '5000 5000 1'),
--sqlite 	('environment', 'environment', '50 50 1'),
--sqlite 	('environment', 'environment_name', '50 50 1'),
--sqlite 	('version', 'version', '1000000 1000000 1'),
--sqlite 	('version', 'version_name', '1000000 1000000 200 1'),
--sqlite 	('version', 'version_product', '1000000 1000000 200 1'),
--sqlite 	('build', 'build', '2000000 2000000 1'),
--sqlite 	('build', 'build_place', '2000000 2000000 2 1'),
--sqlite 	('build', 'build_run', '2000000 2000000 2 1 1'),
--sqlite 	('build', 'build_open', '200 200 1 1'),
--sqlite 	('build', 'build_product', '2000000 2000000 400 1'),
--sqlite 	('build', 'build_unsuccessful', '100000 100000 1'),
--sqlite 	('deployment', 'deployment', '2000000 2000000 1'),
--sqlite 	('deployment', 'deployment_place', '2000000 2000000 4 2 1'),
--sqlite 	('deployment', 'deployment_run', '2000000 2000000 4 2 1 1'),
--sqlite 	('deployment', 'deployment_open', '200 200 1 1 1'),
--sqlite 	('deployment', 'deployment_environment', '2000000 2000000 200000 1'),
--sqlite 	('deployment', 'deployment_completed', '1800000 1800000 400 80 1 1'),
--sqlite 	('deployment', 'deployment_attempted', '2000000 2000000 400 80 1 1'),
--sqlite 	('deployment', 'deployment_unsuccessful', '100000 100000 1'),
--sqlite 	('environment_state', 'environment_state', '10000 10000 5 1'),
--sqlite 	('event', 'event', '6000000 6000000 1'),
--sqlite 	('event', 'event_subject', '6000000 6000000 3 1'),
--sqlite 	('event', 'event_environment', '6000000 6000000 600000 1'),
--sqlite 	('event', 'event_type', '6000000 6000000 600000 1'),
--sqlite 	('idempotency', 'idempotency', '100000 100000 50000 1'),
--sqlite 	('idempotency', 'idempotency_age', '100000 100000 1');
--sqlite ANALYZE sqlite_schema;
