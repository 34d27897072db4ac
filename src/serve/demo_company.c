/* The tables of the demonstration's company. All addresses are of example.com. */
#include "serve/demo_company.h"

enum { GITHUB, GITLAB, JENKINS };

const struct demo_product DEMO_PRODUCT_TABLE[DEMO_PRODUCTS] = {
	{"accounts", "identity", GITHUB, VERSIONS_SEMANTIC, 3, 12, 5},
	{"login", "identity", GITHUB, VERSIONS_SEMANTIC, 2, 41, 6},
	{"permissions", "identity", GITHUB, VERSIONS_SEMANTIC, 1, 9, 3},
	{"storefront", "web", GITHUB, VERSIONS_BY_MONTH, 0, 0, 14},
	{"admin-console", "web", GITHUB, VERSIONS_BY_MONTH, 0, 0, 8},
	{"help-center", "web", GITHUB, VERSIONS_BY_MONTH, 0, 0, 4},
	{"design-system", "web", GITHUB, VERSIONS_SEMANTIC, 8, 3, 3},
	{"catalog", "commerce", GITLAB, VERSIONS_SEMANTIC, 5, 27, 8},
	{"checkout", "commerce", GITLAB, VERSIONS_SEMANTIC, 4, 18, 9},
	{"cart", "commerce", GITLAB, VERSIONS_SEMANTIC, 4, 6, 6},
	{"pricing", "commerce", GITLAB, VERSIONS_SEMANTIC, 2, 15, 5},
	{"promotions", "commerce", GITLAB, VERSIONS_SEMANTIC, 1, 33, 5},
	{"recommendations", "commerce", GITLAB, VERSIONS_SEMANTIC, 0, 48, 7},
	{"reviews", "commerce", GITLAB, VERSIONS_SEMANTIC, 1, 4, 3},
	{"payments", "finance", JENKINS, VERSIONS_SEMANTIC, 6, 2, 4},
	{"billing", "finance", JENKINS, VERSIONS_SEMANTIC, 3, 30, 4},
	{"invoices", "finance", JENKINS, VERSIONS_SEMANTIC, 2, 8, 2},
	{"ledger", "finance", JENKINS, VERSIONS_SEMANTIC, 1, 17, 2},
	{"fraud-check", "finance", JENKINS, VERSIONS_SEMANTIC, 0, 21, 4},
	{"inventory", "logistics", GITLAB, VERSIONS_WITH_V, 3, 5, 5},
	{"orders", "logistics", GITLAB, VERSIONS_WITH_V, 5, 1, 7},
	{"shipping", "logistics", GITLAB, VERSIONS_WITH_V, 2, 22, 5},
	{"returns", "logistics", GITLAB, VERSIONS_WITH_V, 1, 11, 3},
	{"warehouse-gateway", "logistics", GITLAB, VERSIONS_WITH_V, 1, 2, 2},
	{"search", "platform", GITHUB, VERSIONS_WITH_V, 7, 14, 7},
	{"search-indexer", "platform", GITHUB, VERSIONS_WITH_V, 7, 10, 4},
	{"api-gateway", "platform", GITHUB, VERSIONS_WITH_V, 2, 36, 4},
	{"mailer", "platform", GITHUB, VERSIONS_WITH_V, 1, 19, 3},
	{"image-resizer", "platform", GITHUB, VERSIONS_WITH_V, 0, 9, 2},
	{"reporting", "platform", GITHUB, VERSIONS_WITH_V, 4, 0, 5},
};

const struct demo_person DEMO_PEOPLE_TABLE[DEMO_PEOPLE] = {
	{"amara", "Amara Okafor"},
	{"anton", "Anton Lindqvist"},
	{"bruna", "Bruna Carvalho"},
	{"chloe", "Chloé Lefèvre"},
	{"dmitri", "Dmitri Antonov"},
	{"emeka", "Emeka Nwosu"},
	{"hana", "Hana Suzuki"},
	{"ines", "Inês Tavares"},
	{"jonas", "Jonas Weber"},
	{"leila", "Leila Haddad"},
	{"marek", "Marek Nowak"},
	{"priya", "Priya Raman"},
	{"sofia", "Sofía Herrera"},
	{"tom", "Tom Whitfield"},
};

#define WORDS(pending, started, completed, failed, aborted) \
	{ \
		[STATE_PENDING] = (pending), [STATE_STARTED] = (started), [STATE_COMPLETED] = (completed), [STATE_FAILED] = (failed), \
		[STATE_ABORTED] = (aborted) \
	}

const struct demo_system DEMO_SYSTEMS[] = {
	[GITHUB] = {"github", "https://github.example.com/", "/actions/runs/",
		WORDS("waiting", "in_progress", "success", "failure", "cancelled")},
	[GITLAB] = {"gitlab", "https://gitlab.example.com/", "/-/pipelines/",
		WORDS("pending", "running", "success", "failed", "canceled")},
	[JENKINS] = {"jenkins", "https://jenkins.example.com/job/", "/", WORDS("queued", "started", "success", "failed", "aborted")},
};

#define HOURS 60

const struct demo_environment DEMO_ENVIRONMENT_TABLE[DEMO_ENVIRONMENTS] = {
	{"dev", 100, 1, 6, 6, 20, 18, 5, 0, 0},
	{"test", 78, 20, 4 * HOURS, 7, 18, 17, 6, 0, 0},
	{"staging", 68, 2 * HOURS, 20 * HOURS, 7, 17, 16, 5, 2, 0},
	{"production", 74, 5 * HOURS, 40 * HOURS, 8, 16, 12, 5, 6, 30},
	{"production-eu", 88, 1 * HOURS, 22 * HOURS, 8, 16, 12, 4, 4, 30},
};

const struct demo_error DEMO_ERROR_TABLE[KIND_COUNT][DEMO_ERRORS] = {
	[KIND_DEPLOYMENT] =
		{
			{"HEALTH_CHECK", "the new instances did not become healthy within 300 s: 2 of 3 answered 503"},
			{"MIGRATION", "migration 0147 failed: canceling statement due to lock timeout"},
			{"IMAGE_PULL", "image could not be pulled: 504 from registry.example.com"},
			{"OUT_OF_MEMORY", "container was ended by the kernel (out of memory, limit 512 MiB) 40 s after its start"},
			{"QUOTA", "no room in the cluster: 0 of 6 nodes have 2 processors free"},
			{"CONFIG", "missing variable PAYMENT_TIMEOUT_MS\nrequired by config/service.yaml, line 31"},
			{"SMOKE_TEST", "smoke test \"order and pay\" failed: expected 201, got 500"},
			{"CERTIFICATE", "handshake with vault.example.com failed: certificate has expired"},
		},
	[KIND_BUILD] =
		{
			{"TESTS", "3 of 1482 tests failed, the first: rounding of totals in JPY"},
			{"TESTS", "1 of 617 tests failed: session expires while a request is under way"},
			{"COMPILE", "src/routes/orders.ts(88,14): error: argument of type 'string' is not assignable"},
			{"DEPENDENCY", "packages.example.com answered 502 for http-client 4.2.1"},
			{"LINT", "11 problems, the first: unused import in session_store.py"},
			{"TIMEOUT", "the job took longer than 30 minutes and was ended"},
			{"DISK_FULL", "no space left on the runner's disk while the image was written"},
			{"SCAN", "the image has 1 finding of severity critical: update the base image"},
		},
};
