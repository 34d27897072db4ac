/* libmicrohttpd, loaded when a server is started (base/library.h). */
#pragma once

#include <microhttpd.h>

#include "base/rc.h"

/* http_start() does it: nothing happens before. */
enum rc libmicrohttpd_load(struct err *err) must_check;

#define LIBMICROHTTPD_FUNCTIONS(X) \
	X(add_response_header) \
	X(create_response_from_buffer) \
	X(create_response_from_callback) \
	X(destroy_response) \
	X(get_connection_info) \
	X(get_connection_values_n) \
	X(get_version) \
	X(is_feature_supported) \
	X(lookup_connection_value_n) \
	X(queue_response) \
	X(quiesce_daemon) \
	X(resume_connection) \
	X(start_daemon) \
	X(stop_daemon) \
	X(suspend_connection)

extern struct libmicrohttpd {
#define LIBMICROHTTPD_POINTER(name) __typeof__ (&MHD_##name)(name);
	LIBMICROHTTPD_FUNCTIONS(LIBMICROHTTPD_POINTER)
#undef LIBMICROHTTPD_POINTER
} libmicrohttpd;

#define MHD_add_response_header libmicrohttpd.add_response_header
#define MHD_create_response_from_buffer libmicrohttpd.create_response_from_buffer
#define MHD_create_response_from_callback libmicrohttpd.create_response_from_callback
#define MHD_destroy_response libmicrohttpd.destroy_response
#define MHD_get_connection_info libmicrohttpd.get_connection_info
#define MHD_get_connection_values_n libmicrohttpd.get_connection_values_n
#define MHD_get_version libmicrohttpd.get_version
#define MHD_is_feature_supported libmicrohttpd.is_feature_supported
#define MHD_lookup_connection_value_n libmicrohttpd.lookup_connection_value_n
#define MHD_queue_response libmicrohttpd.queue_response
#define MHD_quiesce_daemon libmicrohttpd.quiesce_daemon
#define MHD_resume_connection libmicrohttpd.resume_connection
#define MHD_start_daemon libmicrohttpd.start_daemon
#define MHD_stop_daemon libmicrohttpd.stop_daemon
#define MHD_suspend_connection libmicrohttpd.suspend_connection
