/* libcurl, loaded for the first request or the first look at a URL (base/library.h). */
#pragma once

/* Its type checks are macros that call functions by name; from a system's header no compiler here says what they find. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "base/rc.h"

/* And starts it. Whatever can be called first in this room does it. */
enum rc libcurl_load(struct err *err) must_check;

#define LIBCURL_FUNCTIONS(X) \
	X(easy_cleanup) \
	X(easy_getinfo) \
	X(easy_header) \
	X(easy_init) \
	X(easy_perform) \
	X(easy_reset) \
	X(easy_setopt) \
	X(free) \
	X(getdate) \
	X(global_init) \
	X(mime_addpart) \
	X(mime_data) \
	X(mime_encoder) \
	X(mime_free) \
	X(mime_init) \
	X(mime_type) \
	X(multi_add_handle) \
	X(multi_cleanup) \
	X(multi_info_read) \
	X(multi_init) \
	X(multi_perform) \
	X(multi_poll) \
	X(multi_remove_handle) \
	X(multi_setopt) \
	X(multi_wakeup) \
	X(slist_append) \
	X(slist_free_all) \
	X(url) \
	X(url_cleanup) \
	X(url_get) \
	X(url_set) \
	X(version_info)

extern struct libcurl {
#define LIBCURL_POINTER(name) __typeof__ (&curl_##name)(name);
	LIBCURL_FUNCTIONS(LIBCURL_POINTER)
#undef LIBCURL_POINTER
} libcurl;

/* Macros of curl.h that only count the arguments. */
#undef curl_easy_getinfo
#undef curl_easy_setopt
#undef curl_multi_setopt

#define curl_easy_cleanup libcurl.easy_cleanup
#define curl_easy_getinfo libcurl.easy_getinfo
#define curl_easy_header libcurl.easy_header
#define curl_easy_init libcurl.easy_init
#define curl_easy_perform libcurl.easy_perform
#define curl_easy_reset libcurl.easy_reset
#define curl_easy_setopt libcurl.easy_setopt
#define curl_free libcurl.free
#define curl_getdate libcurl.getdate
#define curl_global_init libcurl.global_init
#define curl_mime_addpart libcurl.mime_addpart
#define curl_mime_data libcurl.mime_data
#define curl_mime_encoder libcurl.mime_encoder
#define curl_mime_free libcurl.mime_free
#define curl_mime_init libcurl.mime_init
#define curl_mime_type libcurl.mime_type
#define curl_multi_add_handle libcurl.multi_add_handle
#define curl_multi_cleanup libcurl.multi_cleanup
#define curl_multi_info_read libcurl.multi_info_read
#define curl_multi_init libcurl.multi_init
#define curl_multi_perform libcurl.multi_perform
#define curl_multi_poll libcurl.multi_poll
#define curl_multi_remove_handle libcurl.multi_remove_handle
#define curl_multi_setopt libcurl.multi_setopt
#define curl_multi_wakeup libcurl.multi_wakeup
#define curl_slist_append libcurl.slist_append
#define curl_slist_free_all libcurl.slist_free_all
#define curl_url libcurl.url
#define curl_url_cleanup libcurl.url_cleanup
#define curl_url_get libcurl.url_get
#define curl_url_set libcurl.url_set
#define curl_version_info libcurl.version_info
