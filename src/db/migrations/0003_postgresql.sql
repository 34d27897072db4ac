-- What PostgreSQL needs beside the tables; nothing for SQLite.

-- Names and ids are compared byte for byte, as SQLite and the program do, whatever the database's own collation is. Called again by each
-- migration that adds a text column.
--postgresql CREATE FUNCTION versioner_compare_bytes() RETURNS void LANGUAGE plpgsql AS $body$
--postgresql DECLARE change RECORD;
--postgresql BEGIN
--postgresql 	FOR change IN
--postgresql 		SELECT c.oid::regclass AS name, string_agg(format('ALTER COLUMN %I TYPE TEXT COLLATE "C"', a.attname), ', ') AS columns
--postgresql 		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
--postgresql 		WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
--postgresql 		AND a.atttypid = 'text'::regtype AND a.attcollation <> '"C"'::regcollation
--postgresql 		GROUP BY c.oid
--postgresql 	LOOP
--postgresql 		EXECUTE format('ALTER TABLE %s %s', change.name, change.columns);
--postgresql 	END LOOP;
--postgresql END
--postgresql $body$;

-- One row for each connection that writes: put there anew by each transaction, so that it can be found out whether a COMMIT happened whose
-- answer was lost.
--postgresql CREATE TABLE commit_mark (
--postgresql 	id TEXT NOT NULL PRIMARY KEY,
--postgresql 	made_at BIGINT NOT NULL
--postgresql );

--postgresql SELECT versioner_compare_bytes();

-- Rows that are rewritten in place need room beside them.
--postgresql ALTER TABLE environment_state SET (fillfactor = 60);
--postgresql ALTER TABLE notification_lane SET (fillfactor = 40);
--postgresql ALTER TABLE api_key SET (fillfactor = 60);
--postgresql ALTER TABLE account SET (fillfactor = 40);
--postgresql ALTER TABLE revision SET (fillfactor = 40);
--postgresql ALTER TABLE deployment SET (fillfactor = 85);
--postgresql ALTER TABLE build SET (fillfactor = 85);
--postgresql ALTER TABLE notification SET (fillfactor = 85);

-- What is rewritten or deleted all the time is swept before it is a fifth of the table.
--postgresql ALTER TABLE notification SET (autovacuum_vacuum_scale_factor = 0.02);
--postgresql ALTER TABLE notification_attempt SET (autovacuum_vacuum_scale_factor = 0.02);
--postgresql ALTER TABLE idempotency SET (autovacuum_vacuum_scale_factor = 0.02);
--postgresql ALTER TABLE environment_state SET (autovacuum_vacuum_scale_factor = 0.02);
--postgresql ALTER TABLE commit_mark SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
