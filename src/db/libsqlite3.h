/* SQLite, loaded when a store in a file is opened (base/library.h). */
#pragma once

#include <sqlite3.h>

#include "base/rc.h"

/* And configures it. sqlite_open() does it: nothing happens before. */
enum rc libsqlite3_load(struct err *err) must_check;

#define LIBSQLITE3_FUNCTIONS(X) \
	X(backup_finish) \
	X(backup_init) \
	X(backup_step) \
	X(bind_int64) \
	X(bind_null) \
	X(bind_parameter_count) \
	X(bind_parameter_name) \
	X(bind_text) \
	X(bind_text64) \
	X(busy_timeout) \
	X(changes64) \
	X(close) \
	X(column_blob) \
	X(column_bytes) \
	X(column_count) \
	X(column_int64) \
	X(column_name) \
	X(column_text) \
	X(column_type) \
	X(config) \
	X(db_config) \
	X(db_filename) \
	X(errmsg) \
	X(errstr) \
	X(exec) \
	X(extended_errcode) \
	X(extended_result_codes) \
	X(file_control) \
	X(finalize) \
	X(get_autocommit) \
	X(open_v2) \
	X(prepare_v2) \
	X(prepare_v3) \
	X(progress_handler) \
	X(reset) \
	X(sleep) \
	X(step) \
	X(stmt_busy) \
	X(system_errno) \
	X(total_changes64) \
	X(wal_checkpoint_v2) \
	X(wal_hook)

extern struct libsqlite3 {
#define LIBSQLITE3_POINTER(name) __typeof__ (&sqlite3_##name)(name);
	LIBSQLITE3_FUNCTIONS(LIBSQLITE3_POINTER)
#undef LIBSQLITE3_POINTER
} libsqlite3;

#define sqlite3_backup_finish libsqlite3.backup_finish
#define sqlite3_backup_init libsqlite3.backup_init
#define sqlite3_backup_step libsqlite3.backup_step
#define sqlite3_bind_int64 libsqlite3.bind_int64
#define sqlite3_bind_null libsqlite3.bind_null
#define sqlite3_bind_parameter_count libsqlite3.bind_parameter_count
#define sqlite3_bind_parameter_name libsqlite3.bind_parameter_name
#define sqlite3_bind_text libsqlite3.bind_text
#define sqlite3_bind_text64 libsqlite3.bind_text64
#define sqlite3_busy_timeout libsqlite3.busy_timeout
#define sqlite3_changes64 libsqlite3.changes64
#define sqlite3_close libsqlite3.close
#define sqlite3_column_blob libsqlite3.column_blob
#define sqlite3_column_bytes libsqlite3.column_bytes
#define sqlite3_column_count libsqlite3.column_count
#define sqlite3_column_int64 libsqlite3.column_int64
#define sqlite3_column_name libsqlite3.column_name
#define sqlite3_column_text libsqlite3.column_text
#define sqlite3_column_type libsqlite3.column_type
#define sqlite3_config libsqlite3.config
#define sqlite3_db_config libsqlite3.db_config
#define sqlite3_db_filename libsqlite3.db_filename
#define sqlite3_errmsg libsqlite3.errmsg
#define sqlite3_errstr libsqlite3.errstr
#define sqlite3_exec libsqlite3.exec
#define sqlite3_extended_errcode libsqlite3.extended_errcode
#define sqlite3_extended_result_codes libsqlite3.extended_result_codes
#define sqlite3_file_control libsqlite3.file_control
#define sqlite3_finalize libsqlite3.finalize
#define sqlite3_get_autocommit libsqlite3.get_autocommit
#define sqlite3_open_v2 libsqlite3.open_v2
#define sqlite3_prepare_v2 libsqlite3.prepare_v2
#define sqlite3_prepare_v3 libsqlite3.prepare_v3
#define sqlite3_progress_handler libsqlite3.progress_handler
#define sqlite3_reset libsqlite3.reset
#define sqlite3_sleep libsqlite3.sleep
#define sqlite3_step libsqlite3.step
#define sqlite3_stmt_busy libsqlite3.stmt_busy
#define sqlite3_system_errno libsqlite3.system_errno
#define sqlite3_total_changes64 libsqlite3.total_changes64
#define sqlite3_wal_checkpoint_v2 libsqlite3.wal_checkpoint_v2
#define sqlite3_wal_hook libsqlite3.wal_hook
