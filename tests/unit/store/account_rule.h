/* Reads SQL far enough to say whether a statement keeps to one account: each table in it has its account column compared with one parameter,
 * by itself or through the tables that it is joined with. It knows the SQL of this program, and refuses what it does not understand. */
#pragma once

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RULE_TOKENS = 1200, RULE_REFS = 24, RULE_SCOPES = 24, RULE_DEPTH = 32, RULE_NAME = 48 };

struct rule_token {
	const char *p;
	int n, scope;
	bool base; /* in no parentheses but those of its scope */
	char clause; /* of its scope: 'w' WHERE, 'o' ON, 's' SET, '-' another */
};

/* A table, or a SELECT in its place, as it is called there. */
struct rule_ref {
	char table[RULE_NAME]; /* "" for a SELECT */
	char name[RULE_NAME];
	int scope, group;
	bool bound; /* of its group's first: compared with the parameter */
};

struct rule {
	struct rule_token tokens[RULE_TOKENS];
	int count;
	struct rule_ref refs[RULE_REFS];
	int ref_count;
	int parents[RULE_SCOPES], scope_count;
	long parameter; /* 0: none yet */
	bool (*is_table)(void *context, const char *name);
	void *context;
	char problem[256]; /* the first; "" for none */
};

static inline void rule_problem(struct rule *r, const char *what, const char *about, int n)
{
	if (!r->problem[0]) snprintf(r->problem, sizeof r->problem, "%s: %.*s", what, n, about);
}

/* ---- tokens ---- */

static inline bool rule_is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$';
}

static inline const char *rule_token_end(const char *p)
{
	const char *end = p + 1;
	if (*p == '\'') {
		while (*end && *end != '\'') end++;
		return *end ? end + 1 : end;
	}
	if (rule_is_word(*p))
		while (rule_is_word(*end)) end++;
	return end;
}

static inline void rule_read(struct rule *r, const char *text)
{
	for (const char *p = text; *p;) {
		if (isspace((unsigned char)*p)) {
			p++;
		} else if (strncmp(p, "/*", 2) == 0) {
			p = strstr(p, "*/") + 2;
		} else if (r->count == RULE_TOKENS) {
			return rule_problem(r, "too long", text, 40);
		} else {
			const char *end = rule_token_end(p);
			r->tokens[r->count++] = (struct rule_token){.p = p, .n = (int)(end - p), .clause = '-'};
			p = end;
		}
	}
}

/* Keywords are written in capitals, names in small letters. */
static inline bool rule_is(const struct rule *r, int i, const char *word)
{
	return i >= 0 && i < r->count && r->tokens[i].n == (int)strlen(word) && strncmp(r->tokens[i].p, word, strlen(word)) == 0;
}

static inline bool rule_is_name(const struct rule *r, int i)
{
	return i < r->count && (islower((unsigned char)*r->tokens[i].p) || *r->tokens[i].p == '_');
}

static inline void rule_copy(const struct rule *r, int i, char ret[static RULE_NAME])
{
	snprintf(ret, RULE_NAME, "%.*s", r->tokens[i].n, r->tokens[i].p);
}

/* ---- tables ---- */

static inline struct rule_ref *rule_add(struct rule *r, int scope)
{
	if (r->ref_count == RULE_REFS) rule_problem(r, "too many tables", "", 0), r->ref_count--;
	struct rule_ref *ref = &r->refs[r->ref_count];
	*ref = (struct rule_ref){.scope = scope, .group = r->ref_count++};
	return ref;
}

static inline int rule_group(const struct rule *r, int i)
{
	while (r->refs[i].group != i) i = r->refs[i].group;
	return i;
}

static inline void rule_join(struct rule *r, int a, int b)
{
	a = rule_group(r, a), b = rule_group(r, b);
	r->refs[b].group = a;
	r->refs[a].bound |= r->refs[b].bound;
}

static inline void rule_bind(struct rule *r, int ref, int token)
{
	long n = strtol(r->tokens[token].p + 1, NULL, 10);
	if (r->parameter && r->parameter != n) rule_problem(r, "two parameters for the account", r->tokens[token].p, 30);
	r->parameter = n;
	r->refs[rule_group(r, ref)].bound = true;
}

/* What follows a table or SELECT: how it is called there. Gives the token behind. */
static inline int rule_alias(struct rule *r, int i, struct rule_ref *ref)
{
	if (rule_is(r, i, "AS")) i++;
	if (rule_is_name(r, i)) rule_copy(r, i++, ref->name);
	if (rule_is(r, i, ",")) rule_problem(r, "a join by a comma", r->tokens[i].p, 30);
	return i;
}

static inline bool rule_names_table(const struct rule *r, int i)
{
	if (rule_is(r, i, "FROM")) return !rule_is(r, i - 1, "DISTINCT");
	if (rule_is(r, i, "UPDATE")) return i == 0;
	return rule_is(r, i, "JOIN") || rule_is(r, i, "INTO");
}

static inline void rule_take_table(struct rule *r, int i, int scope)
{
	if (rule_is(r, i, "(")) return; /* a SELECT: known when it ends */
	struct rule_ref *ref = rule_add(r, scope);
	if (!rule_is_name(r, i)) return rule_problem(r, "no table", r->tokens[i].p, 30);
	rule_copy(r, i, ref->table);
	rule_copy(r, i, ref->name);
	if (!r->is_table(r->context, ref->table)) rule_problem(r, "not a table of the schema", ref->table, RULE_NAME);
	rule_alias(r, i + 1, ref);
}

/* ---- scopes: a SELECT has its own tables, and sees those around it ---- */

static inline int rule_scope(struct rule *r, int parent)
{
	if (r->scope_count == RULE_SCOPES) rule_problem(r, "too many SELECTs", "", 0), r->scope_count--;
	r->parents[r->scope_count] = parent;
	return r->scope_count++;
}

struct rule_frame {
	int scope, opened; /* opened: the token */
	char clause;
};

static inline char rule_clause(const struct rule *r, int i, char now)
{
	static const char *const ENDS[] = {"SELECT", "FROM", "GROUP", "ORDER", "LIMIT", "RETURNING", "VALUES", "DO"};
	if (rule_is(r, i, "WHERE")) return 'w';
	if (rule_is(r, i, "ON")) return rule_is(r, i + 1, "CONFLICT") ? '-' : 'o';
	if (rule_is(r, i, "SET")) return 's';
	for (size_t k = 0; k < sizeof ENDS / sizeof *ENDS; k++)
		if (rule_is(r, i, ENDS[k])) return '-';
	return now;
}

/* A SELECT that stands where a table may: a table whose rows are of the accounts of its own tables. */
static inline void rule_close(struct rule *r, int i, int opened, int inner, int outer)
{
	if (inner == outer || !rule_names_table(r, opened - 1)) return;
	struct rule_ref *ref = rule_add(r, outer);
	int self = r->ref_count - 1;
	rule_alias(r, i + 1, ref);
	for (int k = 0; k < self; k++)
		if (r->refs[k].scope == inner) rule_join(r, self, k);
}

static inline void rule_walk(struct rule *r)
{
	struct rule_frame stack[RULE_DEPTH] = {{.scope = rule_scope(r, -1), .clause = '-'}};
	int depth = 0;

	for (int i = 0; i < r->count && !r->problem[0]; i++) {
		struct rule_frame *f = &stack[depth];
		bool own = depth == 0 || f->scope != stack[depth - 1].scope;
		f->clause = rule_clause(r, i, f->clause);
		/* The SELECT of an INSERT, and the next one of a UNION. */
		if (rule_is(r, i, "SELECT") && i > 0 && own && !rule_is(r, i - 1, "(")) f->scope = rule_scope(r, r->parents[f->scope]);
		r->tokens[i].scope = f->scope;
		r->tokens[i].base = own;
		r->tokens[i].clause = f->clause;
		if (rule_is(r, i, "WITH")) rule_problem(r, "not understood", r->tokens[i].p, 30);
		if (rule_names_table(r, i)) rule_take_table(r, i + 1, f->scope);
		if (rule_is(r, i, "(")) {
			if (depth + 1 == RULE_DEPTH) return rule_problem(r, "too deep", r->tokens[i].p, 30);
			bool select = rule_is(r, i + 1, "SELECT");
			stack[depth + 1] = (struct rule_frame){select ? rule_scope(r, f->scope) : f->scope, i, select ? '-' : f->clause};
			depth++;
		} else if (rule_is(r, i, ")")) {
			if (depth-- == 0) return rule_problem(r, "a parenthesis too many", r->tokens[i].p, 30);
			rule_close(r, i, f->opened, f->scope, stack[depth].scope);
		}
	}
}

/* ---- comparisons ---- */

static inline int rule_find(const struct rule *r, int scope, int name)
{
	for (; scope >= 0; scope = r->parents[scope])
		for (int k = 0; k < r->ref_count; k++)
			if (r->refs[k].scope == scope && rule_is(r, name, r->refs[k].name)) return k;
	return -1;
}

/* The only table of its SELECT, for a column without the table's name. */
static inline int rule_only(const struct rule *r, int scope)
{
	int found = -1;
	for (int k = 0; k < r->ref_count; k++) {
		if (r->refs[k].scope != scope) continue;
		if (found >= 0) return -1;
		found = k;
	}
	return found;
}

/* Whose account column the tokens that end at `last` are; -1: nobody's. The table `account` is its own. *ret_first: where they begin. */
static inline int rule_column(const struct rule *r, int last, int *ret_first)
{
	bool qualified = rule_is(r, last - 1, ".");
	int scope = r->tokens[last].scope, ref = qualified ? rule_find(r, scope, last - 2) : rule_only(r, scope);

	*ret_first = qualified ? last - 2 : last;
	if (ref < 0) return -1;
	return rule_is(r, last, strcmp(r->refs[ref].table, "account") == 0 ? "id" : "account_id") ? ref : -1;
}

static inline void rule_compare(struct rule *r, int i)
{
	int first, ignored, left = rule_column(r, i - 1, &first);
	int last = rule_is(r, i + 2, ".") ? i + 3 : i + 1;

	if (left < 0 || last >= r->count) return;
	if (r->tokens[i].clause == 's') return rule_problem(r, "changes a row's account", r->tokens[first].p, 30);
	bool part = rule_is(r, first - 1, "WHERE") || rule_is(r, first - 1, "AND") || rule_is(r, first - 1, "ON");
	if (!part || !r->tokens[i].base) return;
	if (*r->tokens[last].p == '$') {
		if (r->tokens[i].clause == 'w') rule_bind(r, left, last);
		return;
	}
	int right = rule_column(r, last, &ignored);
	if (right >= 0) rule_join(r, left, right);
}

/* INSERT INTO table (account_id, …) VALUES ($1, …), or SELECT account_id, … */
static inline void rule_insert(struct rule *r)
{
	int i = 3, ignored, depth = 0;
	const char *column = strcmp(r->refs[0].table, "account") == 0 ? "id" : "account_id";

	if (!rule_is(r, 0, "INSERT") || !r->is_table(r->context, r->refs[0].table)) return;
	if (!rule_is(r, i, "(") || !rule_is(r, i + 1, column)) return;
	do {
		depth += rule_is(r, i, "(") - rule_is(r, i, ")");
		i++;
	} while (i < r->count && depth > 0);
	if (rule_is(r, i, "VALUES") && *r->tokens[i + 2].p == '$') return rule_bind(r, 0, i + 2);
	int from = rule_is(r, i, "SELECT") ? rule_column(r, rule_is(r, i + 2, ".") ? i + 3 : i + 1, &ignored) : -1;
	if (from >= 0) rule_join(r, 0, from);
}

/* Beside an OR, a comparison says nothing; among the rows of a SELECT that keeps to its account it does no harm. */
static inline void rule_or(struct rule *r, int i)
{
	if (!rule_is(r, i, "OR") || !r->tokens[i].base) return;
	for (int k = 0; k < r->ref_count; k++)
		if (r->refs[k].scope == r->tokens[i].scope && r->refs[k].table[0])
			rule_problem(r, "an OR without parentheses", r->tokens[i].p, 30);
}

static inline void rule_conflict(struct rule *r, int i)
{
	if (rule_is(r, i, "CONFLICT") && rule_is(r, i + 1, "(") && !rule_is(r, i + 2, "account_id"))
		rule_problem(r, "an index without the account", r->tokens[i].p, 40);
}

/* ---- the verdict ---- */

/* Whether each table is compared with the parameter, and whether all tables are joined with each other by account (which they also are when
 * each is compared with the parameter). is_table: of the schema. */
struct rule_verdict {
	bool bound, joined;
	char problem[256];
};

static inline struct rule_verdict rule_judge(const char *text, bool (*is_table)(void *context, const char *name), void *context)
{
	struct rule *r = calloc(1, sizeof *r);
	struct rule_verdict v = {.bound = true, .joined = true};
	int group = -1;

	if (!r) abort();
	r->is_table = is_table, r->context = context;
	rule_read(r, text);
	rule_walk(r);
	if (!r->ref_count) rule_problem(r, "no table", text, 60);
	for (int i = 1; i + 1 < r->count; i++) {
		if (rule_is(r, i, "=")) rule_compare(r, i);
		rule_conflict(r, i);
		rule_or(r, i);
	}
	if (r->ref_count) rule_insert(r);
	for (int k = 0; k < r->ref_count; k++) {
		int mine = rule_group(r, k);
		bool bound = r->refs[mine].bound;
		v.bound = v.bound && bound;
		if (!bound && group >= 0 && group != mine) v.joined = false;
		if (!bound) group = mine;
	}
	for (int k = 0; k < r->ref_count && group >= 0; k++) v.joined = v.joined && !r->refs[rule_group(r, k)].bound;
	memcpy(v.problem, r->problem, sizeof v.problem);
	free(r);
	return v;
}
