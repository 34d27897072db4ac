/* Who changes things in the tests of actions. */
#pragma once

#include "actions/actor.h"

#define TESTER_IN(account_id) \
	(&(const struct actor){ \
		.account = (account_id), .label = TEXT("api_key:k1"), .credential = TEXT("api_key:k1"), .request_id = TEXT("r1")})
#define TESTER TESTER_IN(ACCOUNT)
