/* The company of `versioner demo`: its products, people, CI systems and environments, and what goes wrong there. */
#pragma once

#include <stddef.h>

#include "domain/status.h"

enum { DEMO_PRODUCTS = 30, DEMO_PEOPLE = 14, DEMO_ENVIRONMENTS = 5, DEMO_ERRORS = 8 };

enum demo_versions { VERSIONS_SEMANTIC, VERSIONS_WITH_V, VERSIONS_BY_MONTH };

struct demo_product {
	const char *name, *group; /* the repository is group/name */
	size_t system; /* in DEMO_SYSTEMS */
	enum demo_versions versions;
	unsigned major, minor;
	unsigned weekly; /* releases a week, about */
};
extern const struct demo_product DEMO_PRODUCT_TABLE[DEMO_PRODUCTS];

struct demo_person {
	const char *login, *name;
};
extern const struct demo_person DEMO_PEOPLE_TABLE[DEMO_PEOPLE];

struct demo_system {
	const char *name, *url, *runs; /* a run's page: url, repository, runs, number */
	const char *words[STATE_COUNT]; /* how it calls the states */
};
extern const struct demo_system DEMO_SYSTEMS[];

/* From the first to the last: a version goes this way. Times in minutes. */
struct demo_environment {
	const char *name;
	unsigned taken_on; /* in a hundred: of the versions that the environment before has */
	unsigned soonest, latest; /* after it was there */
	unsigned from, until, friday_until; /* the hours, UTC, at which people deploy there */
	unsigned goes_wrong; /* in a hundred deployments */
	unsigned taken_back; /* in a hundred versions that arrived */
	unsigned waits; /* in a hundred deployments: for an approval */
};
extern const struct demo_environment DEMO_ENVIRONMENT_TABLE[DEMO_ENVIRONMENTS];

struct demo_error {
	const char *code, *message;
};
extern const struct demo_error DEMO_ERROR_TABLE[KIND_COUNT][DEMO_ERRORS];
