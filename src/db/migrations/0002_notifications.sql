-- Channels, preferences, and the outbox of notifications, which is their history too.

-- config holds secrets. disabled_reason: why the product switched the channel off.
CREATE TABLE notification_channel (
	account_id BIGINT NOT NULL,
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	type TEXT NOT NULL,
	config TEXT NOT NULL,
	enabled BIGINT NOT NULL,
	disabled_reason TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	deleted_at BIGINT,
	PRIMARY KEY (account_id, id)
)
--sqlite WITHOUT ROWID
;
CREATE UNIQUE INDEX notification_channel_name ON notification_channel (account_id, name) WHERE deleted_at IS NULL;

CREATE TABLE notification_preference (
	account_id BIGINT NOT NULL,
	id TEXT NOT NULL,
	channel_id TEXT NOT NULL,
	event_type TEXT NOT NULL,
	filters TEXT NOT NULL,
	enabled BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id)
)
--sqlite WITHOUT ROWID
;
CREATE INDEX notification_preference_channel ON notification_preference (account_id, channel_id, id);

-- Who works on what waits for a channel: one server process at a time, until lease_until.
CREATE TABLE notification_lane (
	account_id BIGINT NOT NULL,
	channel_id TEXT NOT NULL,
	owner TEXT,
	lease_until BIGINT,
	not_before BIGINT,
	failures BIGINT NOT NULL,
	PRIMARY KEY (account_id, channel_id)
)
--sqlite WITHOUT ROWID
;

-- What is told of an event, as the event left it. Apart from the notifications because they are rewritten and this is not.
CREATE TABLE notice (
	account_id BIGINT NOT NULL,
	event_id TEXT NOT NULL,
	content TEXT NOT NULL,
	extra_metadata TEXT,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, event_id)
)
--sqlite WITHOUT ROWID
;

-- state: waiting, delivered, folded or dead. due_at counts while waiting; waiting_since is where its day begins. attempted_at, duration and
-- answer are of the last attempt.
CREATE TABLE notification (
	account_id BIGINT NOT NULL,
	id TEXT NOT NULL,
	channel_id TEXT NOT NULL,
	event_id TEXT NOT NULL,
	event_type TEXT NOT NULL,
	subject_id TEXT NOT NULL,
	state TEXT NOT NULL,
	attempts BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	waiting_since BIGINT NOT NULL,
	due_at BIGINT NOT NULL,
	attempted_at BIGINT,
	duration BIGINT,
	finished_at BIGINT,
	answer_status BIGINT,
	answer TEXT,
	folded_into TEXT,
	PRIMARY KEY (account_id, id)
)
--sqlite WITHOUT ROWID
;
CREATE INDEX notification_due ON notification (account_id, channel_id, due_at, id) WHERE state = 'waiting';
-- With the state: SQLite would look it up in each row, which makes counting all that wait ten times as long.
CREATE INDEX notification_order ON notification (account_id, channel_id, subject_id, id, state) WHERE state = 'waiting';
CREATE INDEX notification_dead ON notification (account_id, id) WHERE state = 'dead';
CREATE INDEX notification_channel_id ON notification (account_id, channel_id, id);
CREATE INDEX notification_subject ON notification (account_id, subject_id, id);

-- The attempts that failed. The last one, and the one that succeeded, stand in the notification.
CREATE TABLE notification_attempt (
	account_id BIGINT NOT NULL,
	notification_id TEXT NOT NULL,
	number BIGINT NOT NULL,
	attempted_at BIGINT NOT NULL,
	duration BIGINT NOT NULL,
	answer_status BIGINT NOT NULL,
	answer TEXT,
	PRIMARY KEY (account_id, notification_id, number)
)
--sqlite WITHOUT ROWID
;

-- The message that a deployment or build has in a channel, to be changed in place.
CREATE TABLE remote_message (
	account_id BIGINT NOT NULL,
	channel_id TEXT NOT NULL,
	subject_id TEXT NOT NULL,
	remote_channel TEXT NOT NULL,
	remote_id TEXT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, channel_id, subject_id)
)
--sqlite WITHOUT ROWID
;

-- Grows with each change of a channel or preference; read with the place of each event.
ALTER TABLE account ADD COLUMN notification_revision BIGINT NOT NULL DEFAULT 0;

--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite 	('notification_channel', 'notification_channel', '200 200 1'),
--sqlite 	('notification_channel', 'notification_channel_name', '200 200 1'),
--sqlite 	('notification_preference', 'notification_preference', '1000 1000 1'),
--sqlite 	('notification_preference', 'notification_preference_channel', '1000 1000 5 1'),
--sqlite 	('notification_lane', 'notification_lane', '200 200 1'),
--sqlite 	('notice', 'notice', '5000000 5000000 1'),
--sqlite 	('notification', 'notification', '8000000 8000000 1'),
--sqlite 	('notification', 'notification_due', '10000 10000 500 2 1'),
--sqlite 	('notification', 'notification_order', '10000 10000 500 2 1 1'),
--sqlite 	('notification', 'notification_dead', '10000 10000 1'),
--sqlite 	('notification', 'notification_channel_id', '8000000 8000000 40000 1'),
--sqlite 	('notification', 'notification_subject', '8000000 8000000 4 1'),
--sqlite 	('notification_attempt', 'notification_attempt', '100000 100000 3 1'),
--sqlite 	('remote_message', 'remote_message', '500000 500000 10000 1');
--sqlite ANALYZE sqlite_schema;
