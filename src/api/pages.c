/* GET / and the other pages, GET /assets/{name}: files that the program carries. */
#include "api/assets.h"
#include "api/handlers.h"

/* A page runs only what this server sends, talks only to it, and is shown in no frame. What stands behind `style` is that page's own. */
#define POLICY(style, more) \
	"default-src 'none'; script-src 'self'; style-src 'self'" style \
	"; img-src 'self' data:; connect-src 'self'; font-src 'self'; " \
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'" more

/* Redoc's styles, by their SHA-256 and nothing else: an empty element, which it fills rule by rule, and the one of its scroll bars. It searches in a
 * worker. */
#define OWN_STYLES " 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' 'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='"
#define OWN_WORKER "; worker-src blob:"

/* The dashboard has one file: the script in it finds by the address which page it is. */
static const struct page {
	const char *path, *file, *policy;
} pages[] = {
	{"/docs", "/docs.html", POLICY("", "")},
	{"/redoc", "/redoc.html", POLICY(OWN_STYLES, OWN_WORKER)},
	{"/openapi.json", "/openapi.json", POLICY("", "")},
	{"/licenses.txt", "/licenses.txt", POLICY("", "")},
	{NULL, "/index.html", POLICY("", "")},
};

static const struct header {
	const char *name, *value;
} page_headers[] = {
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"},
	{"Cache-Control", "no-cache"},
};

static void answer(struct http_request *r, const struct asset *asset)
{
	r->response.status = 200;
	r->response.content_type = asset->type;
	r->response.stored = &asset->content;
}

void page_handle(struct http_request *r, struct db *db)
{
	(void)db;
	const struct page *page = pages;
	while (page->path && !text_is(r->path, page->path)) page++;
	const struct asset *asset = asset_find(text_from(page->file));
	if (!asset) return http_error_standard(r, 404);
	http_response_header(r, "Content-Security-Policy", text_from(page->policy));
	for (size_t i = 0; i < sizeof page_headers / sizeof *page_headers; i++)
		http_response_header(r, page_headers[i].name, text_from(page_headers[i].value));
	answer(r, asset);
}

void asset_handle(struct http_request *r, struct db *db)
{
	(void)db;
	const struct asset *asset = asset_find(r->path);
	if (!asset || !asset->lasting) return http_error_standard(r, 404);
	http_response_header(r, "Cache-Control", TEXT("public, max-age=31536000, immutable"));
	http_response_header(r, "Cross-Origin-Resource-Policy", TEXT("same-origin"));
	answer(r, asset);
}
