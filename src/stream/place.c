/* A listener's place as text. */
#include "stream/place.h"

#include <inttypes.h>
#include <stdio.h>

void place_format(char ret[static PLACE_SIZE], const char *epoch, const struct event_position *p)
{
	char time_id[UUID_SIZE];
	if (!p->id[0]) uuid_floor(clock_now(), time_id);
	snprintf(ret, PLACE_SIZE, "%s-%" PRId64 "%c%s", epoch, p->order, p->id[0] ? '-' : '~', p->id[0] ? p->id : time_id);
}

static bool is_epoch(struct text t)
{
	if (t.n < 1 || t.n >= EPOCH_SIZE) return false;
	for (size_t i = 0; i < t.n; i++)
		if (!((t.p[i] >= 'a' && t.p[i] <= 'z') || (t.p[i] >= '0' && t.p[i] <= '9'))) return false;
	return true;
}

bool place_parse(struct text t, struct place_in_stream *ret)
{
	struct place_in_stream p = {0};
	struct text epoch;
	uint64_t order;
	if (!text_split(&t, '-', &epoch) || !is_epoch(epoch) || !t.p || t.n < UUID_SIZE + 1) return false;
	struct text number = {t.p, t.n - UUID_SIZE}, id = {t.p + t.n - (UUID_SIZE - 1), UUID_SIZE - 1};
	char mark = t.p[t.n - UUID_SIZE];
	if (!text_to_u64(number, &order) || order > INT64_MAX || (mark != '-' && mark != '~') || !uuid_valid(id)) return false;
	for (size_t i = 0; i < id.n; i++)
		if (id.p[i] >= 'A' && id.p[i] <= 'F') return false; /* we write lower case: compared byte for byte */
	memcpy(p.epoch, epoch.p, epoch.n);
	memcpy(p.time_id, id.p, id.n);
	p.position.order = (int64_t)order;
	if (mark == '-') memcpy(p.position.id, id.p, id.n);
	*ret = p;
	return true;
}
