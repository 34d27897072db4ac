-- The audit log: every change that a person or a key made, each entry bound to the one before by its hash (docs/design/audit.md).

-- What the subject is, is the first word of the action: "product.updated".
CREATE TABLE audit_entry (
	account_id BIGINT NOT NULL,
	number BIGINT NOT NULL,
	at BIGINT NOT NULL,
	actor TEXT NOT NULL,
	credential TEXT NOT NULL,
	action TEXT NOT NULL,
	subject_id TEXT NOT NULL,
	subject_name TEXT,
	value_before TEXT,
	value_after TEXT,
	request_id TEXT,
	previous_hash TEXT NOT NULL,
	hash TEXT NOT NULL,
	PRIMARY KEY (account_id, number)
)
--sqlite WITHOUT ROWID
;
CREATE INDEX audit_entry_subject ON audit_entry (account_id, subject_id, number);
CREATE INDEX audit_entry_actor ON audit_entry (account_id, actor, number);
CREATE INDEX audit_entry_action ON audit_entry (account_id, action, number);

-- The newest entry of each account; and where the log now begins, if retention has cut it: the last number that is gone, with its hash. cut_goal: the
-- number that the last entry "audit.cut" names; what is not gone yet goes in steps. cut_at: of that entry.
CREATE TABLE audit_head (
	account_id BIGINT NOT NULL PRIMARY KEY,
	number BIGINT NOT NULL,
	hash TEXT NOT NULL,
	cut_number BIGINT NOT NULL,
	cut_hash TEXT NOT NULL,
	cut_goal BIGINT NOT NULL,
	cut_at BIGINT
);
--postgresql SELECT versioner_compare_bytes();
-- A tenth of a million changes by fifty people and keys.
--sqlite INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
--sqlite 	('audit_entry', 'audit_entry', '100000 100000 1'),
--sqlite 	('audit_entry', 'audit_entry_subject', '100000 100000 10 1'),
--sqlite 	('audit_entry', 'audit_entry_actor', '100000 100000 2000 1'),
--sqlite 	('audit_entry', 'audit_entry_action', '100000 100000 5000 1');
--sqlite ANALYZE sqlite_schema;
