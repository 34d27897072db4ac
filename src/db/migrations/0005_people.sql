-- People: users who log in, their sessions, personal tokens and one-time links; who made an API key.
--
-- revision: the number of the row's last change (revision, name 'people'). Server processes have these rows in memory and ask for what has
-- changed since the number that they know. It is the one thing that is asked across all accounts, so its indexes do not begin with one.

ALTER TABLE app_user ADD COLUMN updated_at BIGINT;
ALTER TABLE app_user ADD COLUMN last_login_at BIGINT;
ALTER TABLE app_user ADD COLUMN deactivated_at BIGINT;
ALTER TABLE app_user ADD COLUMN deleted_at BIGINT;
ALTER TABLE app_user ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
DROP INDEX app_user_email;
CREATE UNIQUE INDEX app_user_email ON app_user (account_id, lower(email)) WHERE deleted_at IS NULL;
CREATE INDEX app_user_revision ON app_user (revision);
INSERT INTO revision (name, value) VALUES ('people', 1);

-- token_digest: of the cookie's value. ended_at: logged out, or ended by a change of the password or of the user.
CREATE TABLE session (
	account_id BIGINT NOT NULL,
	id TEXT NOT NULL,
	user_id TEXT NOT NULL,
	token_digest TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	seen_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	ended_at BIGINT,
	peer TEXT,
	revision BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (account_id, id)
)
--sqlite WITHOUT ROWID
;
CREATE INDEX session_of_user ON session (account_id, user_id, id);
CREATE INDEX session_expiry ON session (account_id, expires_at);
CREATE INDEX session_revision ON session (revision);

CREATE TABLE personal_token (
	account_id BIGINT NOT NULL,
	id TEXT NOT NULL,
	user_id TEXT NOT NULL,
	name TEXT NOT NULL,
	token_digest TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT,
	last_used_at BIGINT,
	revoked_at BIGINT,
	revision BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (account_id, id)
)
--sqlite WITHOUT ROWID
;
CREATE INDEX personal_token_user ON personal_token (account_id, user_id, id);
CREATE INDEX personal_token_revision ON personal_token (revision);

-- A link that sets a password once. A user has one at most: a new one takes the old one's place.
CREATE TABLE password_link (
	account_id BIGINT NOT NULL,
	user_id TEXT NOT NULL,
	token_digest TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, user_id)
)
--sqlite WITHOUT ROWID
;
CREATE INDEX password_link_digest ON password_link (account_id, token_digest);

-- A label of an actor: "user:ada@example.com".
ALTER TABLE api_key ADD COLUMN created_by TEXT;
--postgresql SELECT versioner_compare_bytes();
-- Rewritten in place, once a minute while somebody works.
--postgresql ALTER TABLE session SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
--postgresql ALTER TABLE personal_token SET (fillfactor = 70);
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite 	('app_user', 'sqlite_autoindex_app_user_1', '1000 1000 1'),
--sqlite 	('app_user', 'app_user_email', '1000 1000 1'),
--sqlite 	('app_user', 'app_user_revision', '1000 1'),
--sqlite 	('session', 'session', '20000 20000 1'),
--sqlite 	('session', 'session_of_user', '20000 20000 20 1'),
--sqlite 	('session', 'session_expiry', '20000 20000 1'),
--sqlite 	('session', 'session_revision', '20000 1'),
--sqlite 	('personal_token', 'personal_token', '5000 5000 1'),
--sqlite 	('personal_token', 'personal_token_user', '5000 5000 5 1'),
--sqlite 	('personal_token', 'personal_token_revision', '5000 1'),
--sqlite 	('password_link', 'password_link', '1000 1000 1'),
--sqlite 	('password_link', 'password_link_digest', '1000 1000 1');
--sqlite ANALYZE sqlite_schema;
