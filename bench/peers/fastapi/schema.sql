-- The peer's schema: the product's tables that a deployment event touches, in PostgreSQL's own types, with the indexes that the
-- same lists and pages need.

CREATE TABLE api_key (
	digest bytea PRIMARY KEY,
	account_id bigint NOT NULL,
	name text NOT NULL
);

CREATE TABLE product (
	account_id bigint NOT NULL,
	id uuid NOT NULL,
	name text NOT NULL,
	description text,
	extra_metadata jsonb,
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE (account_id, name)
);

CREATE TABLE environment (
	account_id bigint NOT NULL,
	id uuid NOT NULL,
	name text NOT NULL,
	type text NOT NULL,
	position bigint,
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE (account_id, name)
);

CREATE TABLE version (
	account_id bigint NOT NULL,
	id uuid NOT NULL,
	product_id uuid NOT NULL,
	name text NOT NULL,
	scm_sha text,
	scm_repository text,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE (account_id, product_id, name)
);
CREATE INDEX version_product ON version (account_id, product_id, id);

CREATE TABLE deployment (
	account_id bigint NOT NULL,
	id uuid NOT NULL,
	product_id uuid NOT NULL,
	environment_id uuid NOT NULL,
	version_id uuid NOT NULL,
	state text NOT NULL,
	rollout text,
	run_key text,
	pending_at timestamptz,
	started_at timestamptz,
	ended_at timestamptz,
	attempted_at timestamptz NOT NULL,
	received_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL,
	state_event_id uuid NOT NULL,
	build_number text,
	build_url text,
	deploy_url text,
	invoke_id text,
	source_system text,
	scm_repository text,
	scm_sha text,
	scm_branch text,
	deployed_by text,
	deployed_by_email text,
	deployed_by_name text,
	error_message text,
	error_code text,
	extra_metadata jsonb,
	PRIMARY KEY (account_id, id)
) WITH (fillfactor = 80);
CREATE INDEX deployment_place ON deployment (account_id, version_id, environment_id, id);
CREATE INDEX deployment_run ON deployment (account_id, version_id, environment_id, run_key, id) WHERE run_key IS NOT NULL;
CREATE INDEX deployment_open ON deployment (account_id, version_id, environment_id, id) WHERE state IN ('pending', 'started');
CREATE INDEX deployment_environment ON deployment (account_id, environment_id, id);
CREATE INDEX deployment_completed ON deployment (account_id, product_id, environment_id, ended_at, id) WHERE state = 'completed';
CREATE INDEX deployment_attempted ON deployment (account_id, product_id, environment_id, attempted_at, id);

CREATE TABLE environment_state (
	account_id bigint NOT NULL,
	product_id uuid NOT NULL,
	environment_id uuid NOT NULL,
	current_deployment_id uuid,
	current_version_id uuid,
	current_version text,
	current_rollout text,
	current_since timestamptz,
	latest_deployment_id uuid NOT NULL,
	latest_version_id uuid NOT NULL,
	latest_version text NOT NULL,
	latest_state text NOT NULL,
	latest_attempted_at timestamptz NOT NULL,
	PRIMARY KEY (account_id, product_id, environment_id)
) WITH (fillfactor = 50);

CREATE TABLE event (
	account_id bigint NOT NULL,
	id uuid NOT NULL,
	type text NOT NULL,
	effect text NOT NULL,
	subject_id uuid NOT NULL,
	product_id uuid NOT NULL,
	environment_id uuid,
	version_id uuid NOT NULL,
	actor text NOT NULL,
	occurred_at timestamptz NOT NULL,
	received_at timestamptz NOT NULL,
	payload jsonb NOT NULL,
	PRIMARY KEY (account_id, id)
);
CREATE INDEX event_subject ON event (account_id, subject_id, id);
CREATE INDEX event_environment ON event (account_id, environment_id, id) WHERE environment_id IS NOT NULL;
CREATE INDEX event_type ON event (account_id, type, id);
