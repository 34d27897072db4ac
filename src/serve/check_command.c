/* `versioner check`, and the same look at the tables after an import. */
#include "serve/check_command.h"

#include <inttypes.h>
#include <stdio.h>

#include "actions/audit.h"
#include "actions/check.h"
#include "base/limits.h"
#include "base/secret.h"
#include "db/db.h"
#include "serve/commands.h"
#include "serve/store_open.h"

static void show_problem(void *context, const char *sentence)
{
	(void)context;
	printf("problem: %s\n", sentence);
}

static enum rc check_engine(struct db *db, uint64_t *problems, struct err *err)
{
	buf_auto lines = BUF_INIT(KIB(256));
	enum rc rc = db_integrity(db, &lines, err);
	struct text rest = buf_view(&lines), line;
	while (rc == RC_OK && rest.p && text_split(&rest, '\n', &line)) {
		if (!line.n) continue;
		printf("problem: the database file: %.*s\n", TEXT_ARGS(line));
		(*problems)++;
	}
	return rc;
}

static void show_head(void *context, struct text account, uint64_t entries, const struct audit_head *head)
{
	(void)context;
	if (head->number)
		printf("audit log of %.*s: %" PRIu64 " entries, head %" PRId64 ":%s\n", TEXT_ARGS(account), entries, head->number,
			head->hash);
}

static enum rc check_tables(struct db *db, struct check *c, struct audit_check *audit, struct err *err)
{
	enum rc rc = db_begin(db);
	if (rc == RC_OK) rc = check_derived(db, c);
	if (rc == RC_OK) rc = audit_verify(db, audit);
	if (rc != RC_OK) err_set(err, rc, "cannot read the tables: %s", db_error(db)->text);
	db_rollback(db);
	return rc;
}

static void show_result(const struct check *c, uint64_t damaged)
{
	printf("%" PRIu64 " deployments, %" PRIu64 " builds, %" PRIu64 " events, %" PRIu64 " cells compared", c->deployments,
		c->builds, c->events, c->cells);
	if (c->without_log) printf("; %" PRIu64 " are older than the event log", c->without_log);
	printf(": %s\n", c->problems + damaged ? "problems found" : "no problems");
}

enum rc store_check(struct db *db, const struct kept_head *kept, bool *ret_fine, struct err *err)
{
	struct check c = {.problem = show_problem};
	struct audit_check audit = {.problem = show_problem, .head = show_head};
	if (kept) audit.expected_account = kept->account, audit.expected_hash = kept->hash, audit.expected_number = kept->number;
	uint64_t damaged = 0;
	enum rc rc = check_engine(db, &damaged, err);
	if (rc == RC_OK) rc = check_tables(db, &c, &audit, err);
	if (rc != RC_OK) return rc;
	show_result(&c, damaged + audit.problems);
	*ret_fine = !(c.problems + damaged + audit.problems);
	return RC_OK;
}

/* "57:9a0c…" */
static enum rc read_kept(const struct settings *s, struct kept_head *ret, struct err *err)
{
	struct kept_head k = {.account = text_from(setting_text(s, "account"))};
	struct text rest = text_from(setting_text(s, "audit-head")), number;
	uint8_t hash[DIGEST_BYTES];
	uint64_t n;
	if (!rest.p) return *ret = k, RC_OK;
	bool is_number = text_split(&rest, ':', &number) && text_to_u64(number, &n) && n && n <= INT64_MAX;
	if (!is_number || !rest.p || !digest_from_hex(rest, hash))
		return err_set(err, RC_INVALID, "--audit-head is NUMBER:HASH, as an earlier check printed it");
	k.number = (int64_t)n;
	k.hash = rest;
	*ret = k;
	return RC_OK;
}

int check_run(const struct settings *s, char **words)
{
	(void)words;
	struct db *db;
	struct err err;
	struct kept_head kept = {0};
	if (read_kept(s, &kept, &err) != RC_OK) return fprintf(stderr, "versioner check: %s\n", err.text), EXIT_USAGE;
	bool fine = false;
	enum rc rc = store_open_existing(setting_text(s, "db"), DB_READ, &db, &err);
	if (rc == RC_OK) {
		db_be_patient(db);
		rc = store_check(db, &kept, &fine, &err);
		db_close(db);
	}
	if (rc != RC_OK) fprintf(stderr, "versioner check: %s\n", err.text);
	return fine ? EXIT_FINE : EXIT_TROUBLE;
}
