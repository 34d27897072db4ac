/* Query parameters: each with what is right and wrong for it, and only where a path takes it; names of products and environments as ids. */
#include "../actions/tester.h"
#include "../fresh_store.h"
#include "request.h"

#include "actions/catalog.h"
#include "api/query.h"
#include "store/channel.h"

#define EVERYTHING \
	(QUERY_PAGE | QUERY_PRODUCT | QUERY_ENVIRONMENT | QUERY_VERSION | QUERY_STATUS | QUERY_KIND | QUERY_DEPLOYED_BY | \
		QUERY_BUILT_BY | QUERY_SEARCH | QUERY_TIMES | QUERY_AT | QUERY_TYPE | QUERY_NAME | QUERY_FROM_TO | QUERY_NOTIFY | \
		QUERY_STATE | QUERY_CHANNEL)
#define ID "0196f0a1-0000-7000-8000-00000000abcd"
#define TWENTY "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t"
#define WORDS_20 \
	"failed,failed,failed,failed,failed,failed,failed,failed,failed,failed,failed,failed,failed,failed,failed,failed,failed," \
	"failed,failed,failed"

/* Read, and what came of it; the request is the caller's to free. */
static struct made_request *read_query(const char *query, unsigned allowed, struct query *ret)
{
	struct made_request *m = request_of("/x", query);
	memset(ret, 0x55, sizeof *ret);
	bool fine = query_read(&m->r, allowed, ret);
	assert_int_equal(m->r.response.status, fine ? 0 : 400);
	return m;
}

static void nothing_given_is_the_standard(void **state)
{
	(void)state;
	struct query q;
	struct made_request *m = read_query(NULL, EVERYTHING, &q);
	assert_int_equal(q.page.limit, 50);
	assert_null(q.page.after.p);
	assert_null(q.product.p);
	assert_null(q.product_ids.p);
	assert_null(q.environment.p);
	assert_null(q.versions.p);
	assert_null(q.names.p);
	assert_null(q.states.p);
	assert_null(q.rollouts.p);
	assert_null(q.types.p);
	assert_null(q.one_type.p);
	assert_null(q.actors.p);
	assert_null(q.channel.p);
	assert_null(q.channel_ids.p);
	assert_null(q.channel_id.p);
	assert_null(q.from.p);
	assert_null(q.to.p);
	assert_int_equal(q.environment_type, ENV_TYPE_COUNT);
	assert_int_equal(q.since, TIME_NONE);
	assert_int_equal(q.until, TIME_NONE);
	assert_int_equal(q.at, TIME_NONE);
	assert_true(q.notify);
	request_free(m);
}

#define PLACE(member) offsetof(struct query, member)

/* Texts: where they go. */
static void texts_go_to_their_places(void **state)
{
	(void)state;
	static const struct {
		const char *query;
		size_t at;
		const char *text;
	} rows[] = {
		{"product=my service,b", PLACE(product), "my service,b"},
		{"product=" TWENTY, PLACE(product), TWENTY},
		{"environment=prod", PLACE(environment), "prod"},
		{"environment=", PLACE(environment), NULL},
		{"version=1.2.3", PLACE(versions), ",1.2.3,"},
		{"version= 1.2.3 ,,2.0", PLACE(versions), ",1.2.3,2.0,"},
		{"version=", PLACE(versions), NULL},
		{"name=a", PLACE(names), ",a,"},
		{"name=" TWENTY, PLACE(names), "," TWENTY ","},
		{"from=a, b", PLACE(from), "a, b"},
		{"q= a,%b ", PLACE(search), "a,%b"},
		{"q=", PLACE(search), NULL},
		{"to=b", PLACE(to), "b"},
		{"deployed_by=ann@example.com", PLACE(actors), ",ann@example.com,"},
		{"built_by=ann,bob", PLACE(actors), ",ann,bob,"},
		{"cursor=" ID, PLACE(page.after), ID},
		{"cursor=0196F0A1-0000-7000-8000-00000000ABCD", PLACE(page.after), ID},
		{"status=failed", PLACE(states), ",failed,"},
		{"status=failed, completed ,,aborted", PLACE(states), ",failed,completed,aborted,"},
		{"status=preflight_failed", PLACE(states), ",preflight_failed,"},
		{"status=" WORDS_20 ",", PLACE(states), "," WORDS_20 ","},
		{"status=", PLACE(states), NULL},
		{"status=,", PLACE(states), NULL},
		{"kind=initial,upgrade,redeploy,rollback", PLACE(rollouts), ",initial,upgrade,redeploy,rollback,"},
		{"state=dead, waiting ,,delivered,folded", PLACE(states), ",dead,waiting,delivered,folded,"},
		{"state=", PLACE(states), NULL},
		{"channel=ops,#all", PLACE(channel), "ops,#all"},
		{"type=deployment.failed", PLACE(types), ",deployment.failed,"},
		{"type=deployment.failed", PLACE(one_type), "deployment.failed"},
		{"type= build.failed ", PLACE(one_type), "build.failed"},
		{"type=deployment.failed,build.completed", PLACE(types), ",deployment.failed,build.completed,"},
		{"type=deployment.failed,build.completed", PLACE(one_type), NULL},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct query q;
		struct made_request *m = read_query(rows[i].query, EVERYTHING, &q);
		const struct text *t = (const struct text *)(const void *)((const char *)&q + rows[i].at);
		if (m->r.response.status) fail_msg("%s: %s", rows[i].query, answer_of(m));
		assert_text(*t, rows[i].text);
		request_free(m);
	}
}

static void numbers_times_and_choices(void **state)
{
	(void)state;
	struct query q;
	struct made_request *m = read_query(
		"limit=1&since=2026-05-24T12:06:05Z&until=2026-05-24T14:06:05 02:00&notify=false", EVERYTHING, &q);
	assert_int_equal(q.page.limit, 1);
	assert_int_equal(q.since, INT64_C(1779624365000000));
	assert_int_equal(q.until, INT64_C(1779624365000000)); /* a plus sign that the client did not encode */
	assert_false(q.notify);
	request_free(m);
	m = read_query("limit=200&at=1970-01-01T00:00:00Z&notify=1", EVERYTHING, &q);
	assert_int_equal(q.page.limit, 200);
	assert_int_equal(q.at, 0);
	assert_true(q.notify);
	request_free(m);
	m = read_query("type=production", QUERY_ENVIRONMENT_TYPE, &q); /* the same name means another thing on another path */
	assert_int_equal(q.environment_type, ENV_PRODUCTION);
	assert_null(q.types.p);
	request_free(m);
}

static const struct {
	const char *query, *what;
} WRONG[] = {
	{"limit=0", "limit: a number from 1 to 200 expected"},
	{"limit=201", "limit: a number from 1 to 200 expected"},
	{"limit=", "limit: a number from 1 to 200 expected"},
	{"limit=-1", "limit: a number from 1 to 200 expected"},
	{"limit=+1", "limit: a number from 1 to 200 expected"},
	{"limit= 1", "limit: a number from 1 to 200 expected"},
	{"limit=1.0", "limit: a number from 1 to 200 expected"},
	{"limit=18446744073709551617", "limit: a number from 1 to 200 expected"},
	{"cursor=", "cursor: the next_cursor of an earlier answer expected"},
	{"cursor=x", "cursor: the next_cursor of an earlier answer expected"},
	{"cursor=0196f0a1-0000-7000-8000-00000000abc'", "cursor: the next_cursor of an earlier answer expected"},
	{"cursor=" ID "0", "cursor: the next_cursor of an earlier answer expected"},
	{"product=" TWENTY ",u", "product: at most 20 names or ids by commas expected"},
	{"environment=" TWENTY ",u", "environment: at most 20 names or ids by commas expected"},
	{"version=" TWENTY ",u", "version: at most 20 names by commas expected"},
	{"name=" TWENTY ",u", "name: at most 20 names by commas expected"},
	{"deployed_by=" TWENTY ",u", "deployed_by: at most 20 names by commas expected"},
	{"status=Failed", "status: states by commas: pending, started, completed, failed, aborted, preflight_failed expected"},
	{"status=failed,success",
		"status: states by commas: pending, started, completed, failed, aborted, preflight_failed expected"},
	{"status=" WORDS_20 ",failed",
		"status: states by commas: pending, started, completed, failed, aborted, preflight_failed expected"},
	{"kind=deployment", "kind: kinds by commas: initial, upgrade, redeploy, rollback expected"},
	{"type=failed", "type: event types by commas, such as deployment.failed expected"},
	{"type=build.preflight_failed", "type: event types by commas, such as deployment.failed expected"},
	{"state=failed", "state: states by commas: waiting, delivered, folded, dead expected"},
	{"state=dead,Dead", "state: states by commas: waiting, delivered, folded, dead expected"},
	{"channel=" TWENTY ",u", "channel: at most 20 names or ids by commas expected"},
	{"since=yesterday", "since: an RFC 3339 time with an offset expected"},
	{"since=", "since: an RFC 3339 time with an offset expected"},
	{"since=2026-05-24", "since: an RFC 3339 time with an offset expected"},
	{"until=2026-05-24T14:06:05", "until: an RFC 3339 time with an offset expected"},
	{"at=1779624365", "at: an RFC 3339 time with an offset expected"},
	{"notify=", "notify: true or false expected"},
	{"notify=yes", "notify: true or false expected"},
	{"Limit=1", "Limit: not a parameter of this path"},
	{"=1", ": not a parameter of this path"},
	{"nonsense=1", "nonsense: not a parameter of this path"},
	{"limit=1&x=\"<script>", "x: not a parameter of this path"},
};

static void tells_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
		struct query q;
		char expected[400];
		struct made_request *m = read_query(WRONG[i].query, EVERYTHING, &q);
		snprintf(expected, sizeof expected, "{\"detail\":\"Invalid query parameter: %s\"}", WRONG[i].what);
		assert_string_equal(answer_of(m), expected);
		request_free(m);
	}
	struct query q;
	struct made_request *m = read_query("type=deployment.failed", QUERY_ENVIRONMENT_TYPE, &q);
	assert_non_null(strstr(answer_of(m), "one of dev, test, staging, production, other"));
	request_free(m);
}

/* One name, another meaning on each path. */
static void types_are_those_of_the_path(void **state)
{
	(void)state;
	static const struct {
		const char *query;
		unsigned parameter;
		size_t at;
		const char *text; /* NULL: refused */
	} rows[] = {
		{"type=webhook, slack_bot", QUERY_CHANNEL_TYPE, PLACE(types), ",webhook,slack_bot,"},
		{"type=deployment.failed", QUERY_CHANNEL_TYPE, PLACE(types), NULL},
		{"type=deployment.recovered,build.failed,dr.created", QUERY_TOLD_TYPE, PLACE(types),
			",deployment.recovered,build.failed,dr.created,"},
		{"type=deployment.*", QUERY_TOLD_TYPE, PLACE(types), NULL},
		{"type=webhook", QUERY_TOLD_TYPE, PLACE(types), NULL},
		{"type=deployment.recovered", QUERY_TYPE, PLACE(types), NULL}, /* the event log has no such events */
		{"type=deployment.*", QUERY_SUBSCRIPTION, PLACE(one_type), "deployment.*"},
		{"type= version.started ", QUERY_SUBSCRIPTION, PLACE(one_type), "build.started"},
		{"type=build.failed,build.started", QUERY_SUBSCRIPTION, PLACE(one_type), NULL},
		{"channel=ops", QUERY_ONE_CHANNEL, PLACE(channel), "ops"},
		{"channel=ops,all", QUERY_ONE_CHANNEL, PLACE(channel), NULL},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct query q;
		struct made_request *m = read_query(rows[i].query, rows[i].parameter, &q);
		if ((m->r.response.status == 0) != (rows[i].text != NULL)) fail_msg("%s: %s", rows[i].query, answer_of(m));
		if (rows[i].text) assert_text(*(const struct text *)(const void *)((const char *)&q + rows[i].at), rows[i].text);
		request_free(m);
	}
}

static void long_texts_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		size_t bytes;
	} rows[] = {{"version=", 1020}, {"name=", 1020}, {"deployed_by=", 1020}, {"from=", 512}, {"to=", 512}};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		for (size_t more = 0; more < 2; more++) {
			char query[1200] = "";
			int n = snprintf(query, sizeof query, "%s", rows[i].name);
			memset(query + n, 'x', rows[i].bytes + more);
			struct query q;
			struct made_request *m = read_query(query, EVERYTHING, &q);
			assert_int_equal(m->r.response.status, more ? 400 : 0);
			request_free(m);
		}
	}
}

/* Each parameter is a stranger where the path does not take it. */
static void a_path_takes_its_own_parameters_only(void **state)
{
	(void)state;
	static const struct {
		const char *query;
		unsigned parameter;
	} rows[] = {
		{"limit=1", QUERY_PAGE},
		{"cursor=" ID, QUERY_PAGE},
		{"product=a", QUERY_PRODUCT},
		{"environment=a", QUERY_ENVIRONMENT},
		{"version=a", QUERY_VERSION},
		{"status=failed", QUERY_STATUS},
		{"kind=upgrade", QUERY_KIND},
		{"deployed_by=a", QUERY_DEPLOYED_BY},
		{"built_by=a", QUERY_BUILT_BY},
		{"since=2026-05-24T12:06:05Z", QUERY_TIMES},
		{"until=2026-05-24T12:06:05Z", QUERY_TIMES},
		{"at=2026-05-24T12:06:05Z", QUERY_AT},
		{"type=build.failed", QUERY_TYPE},
		{"name=a", QUERY_NAME},
		{"q=a", QUERY_SEARCH},
		{"from=a", QUERY_FROM_TO},
		{"to=a", QUERY_FROM_TO},
		{"notify=false", QUERY_NOTIFY},
		{"state=dead", QUERY_STATE},
		{"channel=a", QUERY_CHANNEL},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct query q;
		struct made_request *with = read_query(rows[i].query, rows[i].parameter, &q),
							*without = read_query(rows[i].query, EVERYTHING & ~rows[i].parameter, &q);
		assert_int_equal(with->r.response.status, 0);
		assert_int_equal(without->r.response.status, 400);
		request_free(with);
		request_free(without);
	}
}

/* ---- names to ids ---- */

static struct text product_made(struct fresh_store *s, const char *name)
{
	struct product p = {.name = text_from(name)};
	struct err err;
	assert_ok(product_create(s->db, s->arena, TESTER, &p, 1, &err));
	return p.id;
}

static void names_and_ids_become_ids(void **state)
{
	struct fresh_store *s = *state;
	struct text shop = product_made(s, "shop"), site = product_made(s, "site");
	char both[100], swapped[100], one[100];
	snprintf(both, sizeof both, ",%.*s,%.*s,", TEXT_ARGS(shop), TEXT_ARGS(site));
	snprintf(swapped, sizeof swapped, ",%.*s,%.*s,", TEXT_ARGS(site), TEXT_ARGS(shop));
	snprintf(one, sizeof one, ",%.*s,", TEXT_ARGS(shop));
	const struct {
		const char *query, *set;
		bool single;
	} rows[] = {
		{"product=shop", one, true},
		{"product=shop,site", both, false},
		{"product= site , shop", swapped, false},
		{"product=nothing", ",", false}, /* matches nothing, not everything */
		{"product=Shop", ",", false},
		{"product=shop,nothing", one, true},
		{"product=" ID, "," ID ",", true},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct query q;
		struct made_request *m = read_query(rows[i].query, EVERYTHING, &q);
		assert_ok(query_resolve(&m->r, s->db, &q));
		assert_text(q.product_ids, rows[i].set);
		assert_int_equal(q.product_id.p != NULL, rows[i].single);
		assert_null(q.environment_ids.p);
		request_free(m);
	}
}

static void names_of_channels_become_ids(void **state)
{
	struct fresh_store *s = *state;
	struct channel c = {.id = TEXT("0196f0a1-0000-7000-8000-000000000001"),
		.name = TEXT("ops"),
		.type = TEXT("webhook"),
		.config = TEXT("{}"),
		.created_at = 1,
		.updated_at = 1};
	struct query q;
	assert_ok(channel_insert(s->db, ACCOUNT, &c));
	struct made_request *m = read_query("channel=ops,nothing", EVERYTHING, &q);
	assert_ok(query_resolve(&m->r, s->db, &q));
	assert_text(q.channel_ids, ",0196f0a1-0000-7000-8000-000000000001,");
	assert_true(text_equal(q.channel_id, c.id));
	request_free(m);
	m = read_query("channel=nothing", EVERYTHING, &q);
	assert_ok(query_resolve(&m->r, s->db, &q));
	assert_text(q.channel_ids, ",");
	assert_null(q.channel_id.p);
	request_free(m);
}

static void the_id_of_a_hidden_product_can_be_asked_for(void **state)
{
	struct fresh_store *s = *state;
	struct text shop = product_made(s, "shop");
	assert_ok(product_delete(s->db, s->arena, TESTER, shop, 2));
	struct query q;
	struct made_request *m = read_query("product=shop", EVERYTHING, &q);
	assert_ok(query_resolve(&m->r, s->db, &q));
	assert_text(q.product_ids, ",");
	q.product = shop;
	assert_ok(query_resolve(&m->r, s->db, &q));
	assert_true(text_equal(q.product_id, shop));
	request_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_given_is_the_standard),
		cmocka_unit_test(texts_go_to_their_places),
		cmocka_unit_test(numbers_times_and_choices),
		cmocka_unit_test(tells_what_is_wrong),
		cmocka_unit_test(types_are_those_of_the_path),
		cmocka_unit_test(long_texts_are_refused),
		cmocka_unit_test(a_path_takes_its_own_parameters_only),
		TEST_OF_STORE(names_and_ids_become_ids),
		TEST_OF_STORE(names_of_channels_become_ids),
		TEST_OF_STORE(the_id_of_a_hidden_product_can_be_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
