/* Writing one page of a list, its next_cursor and its Link header. */
#include "api/app.h"
#include "api/query.h"
#include "base/limits.h"

void list_begin(struct list *l, struct http_request *r, const struct query *q)
{
	http_response_reset(r);
	*l = (struct list){.request = r, .out = json_out(&r->response.body), .limit = q->page.limit};
	json_put_object(&l->out, NULL);
	json_put_array(&l->out, "items");
}

bool list_item(struct list *l, struct text id)
{
	if (l->count == l->limit) return l->more = true, false;
	l->count++;
	l->last_id = id;
	json_put_object(&l->out, NULL);
	return true;
}

/* The same target with another cursor. What was sent stays as it was sent. */
static void link_next(struct list *l)
{
	struct http_request *r = l->request;
	struct text rest = r->target, path, part;
	if (!text_split(&rest, '?', &path)) return;
	buf_auto link = BUF_INIT(LIMIT_TARGET + KIB(1));
	buf_char(&link, '<');
	buf_text(&link, path);
	buf_char(&link, '?');
	while (rest.p && text_split(&rest, '&', &part)) {
		if (!part.n || text_starts(part, TEXT("cursor="))) continue;
		buf_text(&link, part);
		buf_char(&link, '&');
	}
	buf_printf(&link, "cursor=%.*s>; rel=\"next\"", TEXT_ARGS(l->last_id));
	http_response_header(r, "Link", buf_view(&link));
}

void list_end(struct list *l)
{
	json_end(&l->out);
	json_put_text(&l->out, "next_cursor", l->more ? l->last_id : TEXT_ABSENT);
	json_end(&l->out);
	l->request->response.status = 200;
	if (l->more) link_next(l);
}
