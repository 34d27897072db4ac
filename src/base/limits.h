/* Every cap of the project, in one list. A buffer, list or input that can grow has its row here. */
#pragma once

#define KIB(n) ((size_t)(n)*1024)
#define MIB(n) (KIB(n) * 1024)

/* Requests */
#define LIMIT_BODY KIB(1024) /* a JSON body */
#define LIMIT_BULK_BODY MIB(16) /* POST /events/bulk */
#define LIMIT_BULK_LINES 10000 /* … */
#define LIMIT_DRAIN MIB(32) /* of a refused body, read and thrown away so that the client sees the answer */
#define LIMIT_TARGET KIB(8) /* path and query as sent */
#define LIMIT_HEADERS KIB(22) /* memory for one connection: headers of 15 KiB, one line of 10 KiB; kept while it is idle */
#define LIMIT_HEADER_COUNT 100
#define LIMIT_RESPONSE MIB(64) /* one answer */
#define LIMIT_REQUEST_ARENA \
	MIB(64) /* all that one request may allocate: half for its body as a tree, 40 MiB for a page of the largest rows */
#define LIMIT_JSON_DEPTH 64 /* of a whole body; extra_metadata has its own */
#define LIMIT_JSON_VALUES 100000 /* of one document: each takes up to 330 bytes of memory, however few of the text */
#define LIMIT_METADATA_BYTES KIB(128) /* extra_metadata as compact UTF-8 JSON */
#define LIMIT_METADATA_DEPTH 32
#define LIMIT_FILTER_VALUES 20 /* comma-separated values in one query parameter */
#define LIMIT_PAGE 200 /* ?limit= */
#define DEFAULT_PAGE 50
#define LIMIT_IDEMPOTENCY_KEY 255
#define LIMIT_REQUEST_ID 128

/* The audit log */
#define LIMIT_AUDIT_VALUE KIB(4) /* one value of a field, shown in an entry */
#define LIMIT_AUDIT_VALUES MIB(1) /* all of them, before or after */
#define LIMIT_AUDIT_ENTRY MIB(4) /* all that is hashed */

/* The live stream */
#define LIMIT_STREAM_EVENT MIB(4) /* one event, rendered */
#define LIMIT_STREAM_RING MIB(1) /* of an account's newest events, kept for all who listen */
#define LIMIT_STREAM_CHUNK KIB(64) /* read for one listener that is behind; and one event more */

/* Notifications */
#define LIMIT_URL 2048 /* a destination or link */
#define LIMIT_CHANNELS 1000 /* of one account */
#define LIMIT_PREFERENCES 10000 /* of one account */
#define LIMIT_FILTER_NAMES 100 /* names in one filter of a preference */
#define LIMIT_FILTERS KIB(16) /* … and all filters of it as compact JSON: preferences are kept in memory */
#define LIMIT_CONFIG KIB(16) /* a channel's config as JSON */
#define LIMIT_NOTICE KIB(256) /* an event's snapshot without its metadata: twenty fields, escaped */
#define LIMIT_OUTGOING_ANSWER KIB(64) /* of a destination's answer, read */
#define LIMIT_OUTGOING_HEADERS KIB(64) /* … of its headers, all together */
#define LIMIT_OUTGOING_CONNECTIONS 256 /* kept open for the next request */
#define LIMIT_OUTGOING_IDLE 64 /* records of requests kept for the next ones */
#define LIMIT_MAIL_HEADERS KIB(256) /* of one mail, encoded */
#define LIMIT_MAIL_LINE KIB(1) /* of a mail server's answer, kept */
#define LIMIT_AUTHORITIES MIB(4) /* certificate authorities as PEM */
#define LIMIT_NOTIFICATION_ANSWER KIB(1) /* … and kept */
#define LIMIT_NOTIFICATION_BODY MIB(1) /* a message as sent */
#define LIMIT_DELIVERY_ARENA MIB(96) /* memory of one message on its way; a digest's snapshots are read in it */
#define LIMIT_WINDOW_ARENA MIB(96) /* of what was read of one channel: a digest's snapshots at their greatest */
#define LIMIT_DIGEST 200 /* notifications told in one digest */

/* The command line */
#define LIMIT_CLIENT_ANSWER LIMIT_RESPONSE /* of the server's answer, read */
#define LIMIT_CLIENT_ARENA MIB(256) /* of one command: an answer, as text and as a tree */
#define LIMIT_CLIENT_VALUES 500000 /* … of an answer: 70,000 cells of the matrix */
#define LIMIT_CLIENT_MESSAGE KIB(16) /* of what a server says of an error, shown */
#define LIMIT_DEBUG_BODY KIB(64) /* of a body in --debug */
#define LIMIT_EXTRA_METADATA KIB(100) /* --extra-metadata as typed; what is detected comes on top */
#define LIMIT_SPOOL_FILE MIB(2) /* one kept event: a body, escaped */

/* Answers and log lines */
#define LIMIT_LOG_LINE KIB(8)
#define LIMIT_WARNINGS 16

/* Exports */
#define LIMIT_DUMP_LINE MIB(160) /* one row: a kept answer, escaped */
#define LIMIT_DUMP_FRAME KIB(64) /* the first line, and the last */
#define LIMIT_DUMP_ARENA MIB(192) /* a row's texts, unescaped */

/* Settings */
#define LIMIT_SETTING KIB(64) /* one value as typed */
#define LIMIT_SETTINGS_FILE KIB(256) /* the configuration file */
#define LIMIT_SETTINGS_ARENA MIB(64) /* all of them: the system limits the command line and the environment to far less */
