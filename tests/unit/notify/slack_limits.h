/* Whether Slack would take a message: its published limits, and what we promise beyond them, held against the JSON that is
 * sent. Knows nothing of the code that makes it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"

/* The first breach, as a sentence; NULL: Slack takes it. */
static inline const char *slack_breach(struct arena *a, struct text body);

#define SLACK_COUNT(array) (sizeof(array) / sizeof *(array))

/* UTF-16 units: never fewer than characters. */
static inline size_t slack_units(struct text t)
{
	size_t units = 0;
	for (size_t i = 0; i < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];
		units += c >= 0xF0 ? 2 : c < 0x80 || c >= 0xC0;
	}
	return units;
}

/* All members are among these; Slack refuses others. */
static inline bool slack_only_members(const struct json *object, const char *names)
{
	for (struct json_iter i = json_members(object); json_next(&i);) {
		char wanted[64];
		if (i.key.n > sizeof wanted - 3) return false;
		snprintf(wanted, sizeof wanted, " %.*s ", TEXT_ARGS(i.key));
		if (!strstr(names, wanted)) return false;
	}
	return json_kind(object) == JSON_IS_OBJECT;
}

/* ---- texts ---- */

static inline bool slack_text_at(struct text t, size_t i, const char *s)
{
	size_t n = strlen(s);
	return t.n - i >= n && memcmp(t.p + i, s, n) == 0;
}

static inline bool slack_is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* "<https://…|label>" at i: its length; 0 when it is anything else. */
static inline size_t slack_link_length(struct text t, size_t i)
{
	size_t at = i + 1;
	if (!slack_text_at(t, at, "https://") && !slack_text_at(t, at, "http://")) return 0;
	for (; at < t.n && t.p[at] != '|'; at++)
		if ((unsigned char)t.p[at] <= ' ' || (unsigned char)t.p[at] >= 0x7F || strchr("<>\"`{}", t.p[at])) return 0;
	for (at++; at < t.n && t.p[at] != '>'; at++)
		if (!slack_is_word(t.p[at]) && t.p[at] != ' ') return 0;
	return at < t.n ? at + 1 - i : 0;
}

/* Only the three entities, and no "<" or ">" but those of links. */
static inline const char *slack_breach_of_escaping(struct text t, bool links)
{
	for (size_t i = 0, n; i < t.n; i += n) {
		n = 1;
		bool is_entity = slack_text_at(t, i, "&amp;") || slack_text_at(t, i, "&lt;") || slack_text_at(t, i, "&gt;");
		if (t.p[i] == '&' && !is_entity) return "an & that is no entity";
		if (t.p[i] == '>') return "an unescaped >";
		if (t.p[i] == '<' && (!links || !(n = slack_link_length(t, i)))) return "an unescaped <";
	}
	return NULL;
}

/* Behind the label of a field, no sign may format. */
static inline const char *slack_breach_of_formatting(struct text t)
{
	size_t i = 0;
	if (t.n && t.p[0] == '*') {
		const char *end = memmem(t.p, t.n, "*\n", 2);
		if (!end || end == t.p) return "a label that is not closed";
		i = (size_t)(end - t.p) + 2;
	}
	if (slack_text_at(t, i, "&gt;")) return "a quotation";
	for (size_t n; i < t.n; i += n) {
		n = t.p[i] == '<' ? slack_link_length(t, i) : 1;
		if (!n) n = 1;
		if (t.p[i] == '`') return "a backtick";
		if (!strchr("*_~", t.p[i])) continue;
		if (i == 0 || i + 1 == t.n || !slack_is_word(t.p[i - 1]) || !slack_is_word(t.p[i + 1])) return "a sign that formats";
	}
	return NULL;
}

static inline const char *slack_breach_of_mrkdwn(struct text t)
{
	const char *breach = slack_breach_of_escaping(t, true);
	if (breach) return breach;
	if (!slack_text_at(t, 0, "```")) return slack_breach_of_formatting(t);
	if (t.n < 8 || !slack_text_at(t, t.n - 3, "```")) return "a code block that is not closed";
	struct text inside = {t.p + 3, t.n - 6};
	return memmem(inside.p, inside.n, "```", 3) ? "a fence inside of a code block" : NULL;
}

static inline const char *slack_breach_of_words(struct text t, size_t most)
{
	if (!t.p || !text_trim(t).n) return "an empty text";
	if (!utf8_valid(t) || text_has_control(t, true)) return "a text that is not clean";
	return slack_units(t) > most ? "a text that is too long" : NULL;
}

/* types: " plain_text mrkdwn " */
static inline const char *slack_breach_of_text(const struct json *object, const char *types, size_t most)
{
	struct text type = json_text(json_member(object, "type")), t = json_text(json_member(object, "text"));
	char wanted[32];
	snprintf(wanted, sizeof wanted, " %.*s ", TEXT_ARGS(type));
	if (!type.n || !strstr(types, wanted)) return "a text object of the wrong type";
	const char *breach = slack_breach_of_words(t, most);
	if (breach) return breach;
	if (text_is(type, "mrkdwn")) {
		if (!slack_only_members(object, " type text verbatim ")) return "an unknown member of mrkdwn";
		return slack_breach_of_mrkdwn(t);
	}
	if (!slack_only_members(object, " type text emoji ")) return "an unknown member of plain_text";
	return slack_breach_of_escaping(t, false) || memchr(t.p, '&', t.n) ? "plain text that may be read in two ways" : NULL;
}

/* ---- blocks ---- */

static inline const char *slack_breach_of_header(const struct json *block)
{
	if (!slack_only_members(block, " type text ")) return "an unknown member of a header";
	return slack_breach_of_text(json_member(block, "text"), " plain_text ", 150);
}

static inline const char *slack_breach_of_list(const struct json *list, const char *types, size_t most_texts, size_t most)
{
	const char *breach = NULL;
	if (json_kind(list) != JSON_IS_ARRAY || !json_size(list) || json_size(list) > most_texts)
		return "a list of no or too many texts";
	for (size_t i = 0; !breach && i < json_size(list); i++) breach = slack_breach_of_text(json_element(list, i), types, most);
	return breach;
}

static inline const char *slack_breach_of_section(const struct json *block)
{
	const struct json *text = json_member(block, "text"), *fields = json_member(block, "fields");
	if (!slack_only_members(block, " type text fields ")) return "an unknown member of a section";
	if (!text && !fields) return "a section with nothing in it";
	const char *breach = text ? slack_breach_of_text(text, " plain_text mrkdwn ", 3000) : NULL;
	return !breach && fields ? slack_breach_of_list(fields, " plain_text mrkdwn ", 10, 2000) : breach;
}

static inline const char *slack_breach_of_context(const struct json *block)
{
	if (!slack_only_members(block, " type elements ")) return "an unknown member of a context";
	return slack_breach_of_list(json_member(block, "elements"), " plain_text mrkdwn ", 10, 2000);
}

static inline const char *slack_breach_of_url(struct text url)
{
	if (!slack_text_at(url, 0, "https://") && !slack_text_at(url, 0, "http://")) return "an URL of another scheme";
	if (url.n > 3000) return "an URL that is too long";
	for (size_t i = 0; i < url.n; i++)
		if ((unsigned char)url.p[i] <= ' ' || (unsigned char)url.p[i] >= 0x7F || strchr("<>\"\\^`{|}", url.p[i]))
			return "a character that no URL has";
	struct text host = {strstr(url.p, "://") + 3, 0};
	while (host.p + host.n < url.p + url.n && !strchr("/?#", host.p[host.n])) host.n++;
	return !host.n || memchr(host.p, '@', host.n) ? "an URL without a host, or with a user" : NULL;
}

/* seen: the action_ids of the message so far, each between spaces. */
static inline const char *slack_breach_of_button(const struct json *button, char *seen, size_t room)
{
	struct text id = json_text(json_member(button, "action_id"));
	char entry[300];
	if (!slack_only_members(button, " type action_id text url style ")) return "an unknown member of a button";
	if (!text_is(json_text(json_member(button, "type")), "button")) return "an action that is no button";
	if (!id.n || id.n > 255) return "an action_id that is empty or too long";
	snprintf(entry, sizeof entry, " %.*s ", TEXT_ARGS(id));
	if (strstr(seen, entry)) return "two equal action_ids";
	strncat(seen, entry, room - strlen(seen) - 1);
	struct text url = json_text(json_member(button, "url"));
	const char *breach = url.p ? slack_breach_of_url(url) : NULL;
	return breach ? breach : slack_breach_of_text(json_member(button, "text"), " plain_text ", 75);
}

static inline const char *slack_breach_of_actions(const struct json *block)
{
	char seen[4096] = "";
	const char *breach = NULL;
	const struct json *list = json_member(block, "elements");
	if (!slack_only_members(block, " type elements ")) return "an unknown member of actions";
	if (json_kind(list) != JSON_IS_ARRAY || !json_size(list) || json_size(list) > 25) return "no or too many buttons";
	for (size_t i = 0; !breach && i < json_size(list); i++)
		breach = slack_breach_of_button(json_element(list, i), seen, sizeof seen);
	return breach;
}

static inline const char *slack_breach_of_block(const struct json *block)
{
	static const struct {
		const char *type;
		const char *(*breach)(const struct json *block);
	} types[] = {
		{"header", slack_breach_of_header},
		{"section", slack_breach_of_section},
		{"context", slack_breach_of_context},
		{"actions", slack_breach_of_actions},
	};
	for (size_t i = 0; i < SLACK_COUNT(types); i++)
		if (text_is(json_text(json_member(block, "type")), types[i].type)) return types[i].breach(block);
	return "a block of an unknown type";
}

static inline const char *slack_breach(struct arena *a, struct text body)
{
	const struct json *message;
	if (!utf8_valid(body) || json_read(a, body, &message, NULL) != RC_OK) return "no JSON";
	if (!slack_only_members(message, " text blocks unfurl_links unfurl_media channel ts thread_ts ")) return "an unknown member";
	struct text text = json_text(json_member(message, "text"));
	const char *breach = slack_breach_of_words(text, 40000);
	if (!breach) breach = slack_breach_of_escaping(text, false);
	const struct json *blocks = json_member(message, "blocks");
	if (!breach && (json_kind(blocks) != JSON_IS_ARRAY || !json_size(blocks) || json_size(blocks) > 50))
		breach = "no or too many blocks";
	unsigned actions = 0;
	for (size_t i = 0; !breach && i < json_size(blocks); i++) {
		actions += text_is(json_text(json_member(json_element(blocks, i), "type")), "actions");
		breach = slack_breach_of_block(json_element(blocks, i));
	}
	if (!breach && actions > 1) breach = "action_ids that may be equal"; /* they are compared within a block of buttons */
	buf_auto b = BUF_INIT(MIB(1));
	if (!breach) json_write_value(&b, blocks);
	return !breach && slack_units(buf_view(&b)) > 13000 ? "a message that is too long" : breach;
}
