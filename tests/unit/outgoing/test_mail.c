/* Mails to a server that follows a script: the envelope, what arrives of subject and texts, what counts as an answer. */
#include "letter.h"
#include "postbox.h"

#define SENDER TEXT("Versioner <versioner@example.com>")

static const struct text one_recipient[] = {{"ann@example.com", 15}};

static struct outgoing_mail mail_of(char server[static 200], const struct peer *p, const char *user)
{
	snprintf(server, 200, "smtp://%s127.0.0.1:%u/client.example.com", user, p->port);
	return (struct outgoing_mail){.server = server,
		.from = SENDER,
		.to = one_recipient,
		.to_count = 1,
		.subject = TEXT("Hello"),
		.plain = TEXT("plain text\n"),
		.html = TEXT("<p>text</p>\n")};
}

static struct outcome post(const struct outgoing_mail *m, int64_t timeout)
{
	struct outcome out = {0};
	struct sender s = sender_open(NULL, timeout, NULL); /* the mail server is not guarded */
	struct outgoing_request request = {.mail = m};
	sender_send(&s, &request, &out);
	sender_wait(&s);
	sender_close(&s);
	assert_int_equal(out.calls, 1);
	return out;
}

static void test_envelope(void **state)
{
	(void)state;
	char server[200];
	struct peer *p = postbox_start(NULL);
	struct postbox *box = p->context;
	struct outgoing_mail m = mail_of(server, p, "");
	const struct text to[] = {TEXT("ann@example.com"), TEXT("o'brien+x@sub.example.org")};
	const struct outgoing_header headers[] = {
		{TEXT("Message-ID"), TEXT("<1@example.com>")},
		{TEXT("References"),
			TEXT("<0123456789012345678901234567890123456789@example.com> <0123456789012345678901234567890@example.com>")},
	};
	m.to = to;
	m.to_count = 2;
	m.headers = headers;
	m.header_count = 2;
	struct outcome out = post(&m, SECONDS_US(60));
	assert_int_equal(out.end, OUTGOING_ANSWERED);
	assert_int_equal(out.status, 250);
	assert_string_equal(out.body, "250 2.0.0 kept");
	assert_int_equal(out.retry_after, -1);
	outcome_done(&out);

	assert_true(postbox_heard(box, "EHLO client.example.com\n"));
	assert_true(postbox_heard(box, "MAIL FROM:<versioner@example.com>"));
	assert_true(postbox_heard(box, "RCPT TO:<ann@example.com>\nRCPT TO:<o'brien+x@sub.example.org>\nDATA\n"));
	static const char *const fields[][2] = {
		{"From", "\"Versioner\" <versioner@example.com>"},
		{"To", "ann@example.com, o'brien+x@sub.example.org"},
		{"Subject", "Hello"},
		{"Message-ID", "<1@example.com>"},
		{"References", "<0123456789012345678901234567890123456789@example.com> <0123456789012345678901234567890@example.com>"},
		{"MIME-Version", "1.0"},
	};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		char *value = letter_header(postbox_letter(box), fields[i][0]);
		if (!value) fail_msg("%s in\n%s", fields[i][0], postbox_letter(box));
		assert_string_equal(value, fields[i][1]);
		free(value);
	}
	char *type = letter_header(postbox_letter(box), "Content-Type");
	assert_memory_equal(type, "multipart/alternative; boundary=", 32);
	free(type);
	assert_true(strstr(postbox_letter(box), "text/plain") < strstr(postbox_letter(box), "text/html"));

	char *date = letter_header(postbox_letter(box), "Date"), zone[6];
	struct tm t = {0};
	assert_non_null(strptime(date, "%a, %d %b %Y %H:%M:%S +0000", &t));
	assert_int_equal(sscanf(date, "%*s %*s %*s %*s %*s %5s", zone), 1);
	assert_string_equal(zone, "+0000");
	assert_in_range(timegm(&t), time(NULL) - 60, time(NULL));
	free(date);
	postbox_stop(p);
}

static void check_subject(struct peer *p, const char *subject)
{
	char server[200];
	struct postbox *box = p->context;
	struct outgoing_mail m = mail_of(server, p, "");
	m.subject = text_from(subject);
	struct outcome out = post(&m, SECONDS_US(60));
	assert_int_equal(out.status, 250);
	outcome_done(&out);
	for (const char *c = postbox_letter(box); *c; c++) assert_in_range((unsigned char)*c, 1, 0x7e);
	const char *letter = postbox_letter(box), *end = strstr(letter, "\r\n\r\n");
	for (const char *line = letter, *next; line < end && (next = strstr(line, "\r\n")); line = next + 2) {
		size_t n = (size_t)(next - line);
		if (strspn(line, " ") == n) fail_msg("a line of white space for %s", subject);
		if (n > 900 || (n > 76 && memmem(line, n, "=?", 2))) fail_msg("too long a line for %s", subject);
	}
	char *field = letter_header(postbox_letter(box), "Subject");
	field = letter_decoded(field);
	assert_string_equal(field, subject);
	free(field);
}

static void test_subjects(void **state)
{
	(void)state;
	enum { LONG = 3000 };
	static char word[LONG + 1], words[LONG + 1], letters[2 * LONG + 1], faces[4 * LONG + 1];
	memset(word, 'x', LONG);
	for (size_t i = 0; i < LONG; i++) words[i] = i % 7 == 6 ? ' ' : 'y';
	for (size_t i = 0; i < LONG; i++) memcpy(letters + 2 * i, "ж", 2);
	for (size_t i = 0; i < LONG; i++) memcpy(faces + 4 * i, "\xf0\x9f\x9a\x80", 4);
	static const char *const subjects[] = {
		"plain",
		"",
		"Развёртывание не удалось",
		"🚀 api 1.2.3 → production",
		"a line that is rather long, but has only letters that need no encoding at all, and some  double  spaces",
		"=?UTF-8?B?SGVsbG8=?= is not meant to be decoded",
		" spaces around ",
		"tab\there",
		"\"quotes\" <angles> (parentheses), commas; and \\ backslashes",
		"x",
		word,
		words,
		letters,
		faces,
	};
	struct peer *p = postbox_start(NULL);
	for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) check_subject(p, subjects[i]);
	postbox_stop(p);
}

static void test_senders(void **state)
{
	(void)state;
	static const struct {
		const char *from, *shown;
	} rows[] = {
		{"versioner@example.com", "versioner@example.com"},
		{"<versioner@example.com>", "versioner@example.com"},
		{"Versioner <versioner@example.com>", "\"Versioner\" <versioner@example.com>"},
		{"\"Versioner, the\" <versioner@example.com>", "\"Versioner, the\" <versioner@example.com>"},
		{"Say \"x\" \\ <versioner@example.com>", "\"Say \\\"x\\\" \\\\\" <versioner@example.com>"},
		{"Версионер 🚀 <versioner@example.com>", "Версионер 🚀 <versioner@example.com>"},
		{"A name of sixty characters and more that is too long for a line of its own <versioner@example.com>",
			"A name of sixty characters and more that is too long for a line of its own <versioner@example.com>"},
	};
	struct peer *p = postbox_start(NULL);
	struct postbox *box = p->context;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char server[200];
		struct outgoing_mail m = mail_of(server, p, "");
		m.from = text_from(rows[i].from);
		postbox_forget(box);
		struct outcome out = post(&m, SECONDS_US(60));
		assert_int_equal(out.status, 250);
		outcome_done(&out);
		assert_true(postbox_heard(box, "MAIL FROM:<versioner@example.com>"));
		char *field = letter_decoded(letter_header(postbox_letter(box), "From"));
		assert_string_equal(field, rows[i].shown);
		free(field);
	}
	postbox_stop(p);
}

static void test_texts(void **state)
{
	(void)state;
	enum { LONG = 5000 };
	static char line[LONG + 2];
	memset(line, 'z', LONG);
	line[LONG] = '\n';
	static const char *const texts[] = {
		"one line\n",
		"no end of line",
		".\n..\n.a\n\n.\n",
		"trailing space \nand tab\t\n= equals =3D and ==\n",
		"Развёртывание 🚀\nна production\n",
		"From here\n--\nsignature\n--not-a-boundary--\n",
		"<p>\"quotes\" &amp; 'more'</p>",
		line,
	};
	struct peer *p = postbox_start(NULL);
	struct postbox *box = p->context;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		char server[200];
		struct outgoing_mail m = mail_of(server, p, "");
		m.plain = text_from(texts[i]);
		m.html = text_from(texts[sizeof texts / sizeof *texts - 1 - i]);
		struct outcome out = post(&m, SECONDS_US(60));
		assert_int_equal(out.status, 250);
		outcome_done(&out);
		char *plain = letter_part(postbox_letter(box), "text/plain"), *html = letter_part(postbox_letter(box), "text/html");
		assert_non_null(plain);
		assert_non_null(html);
		assert_string_equal(plain, m.plain.p);
		assert_string_equal(html, m.html.p);
		free(plain);
		free(html);
	}
	assert_false(box->overlong);

	/* Lines that end as the mail's own do are not doubled. */
	char server[200];
	struct outgoing_mail m = mail_of(server, p, "");
	m.plain = TEXT("a\r\nb\n");
	struct outcome out = post(&m, SECONDS_US(60));
	outcome_done(&out);
	char *plain = letter_part(postbox_letter(box), "text/plain");
	assert_string_equal(plain, "a\nb\n");
	free(plain);
	postbox_stop(p);
}

static void test_answers(void **state)
{
	(void)state;
	static const struct {
		struct postbox_script script;
		const char *to[2];
		enum outgoing_end end;
		int status;
		const char *body, *error;
		int messages;
	} rows[] = {
		{{0}, {"nobody@example.com"}, OUTGOING_ANSWERED, 550, "550 5.1.1 no such user", "", 0},
		{{0}, {"later@example.com"}, OUTGOING_ANSWERED, 450, "450 4.2.0 greylisted", "", 0},
		{{0}, {"nobody@example.com", "ann@example.com"}, OUTGOING_ANSWERED, 250, "250 2.0.0 kept", "", 1},
		{{0}, {"ann@example.com", "nobody@example.com"}, OUTGOING_ANSWERED, 250, "250 2.0.0 kept", "", 1},
		{{.to_data = "554 5.7.1 spam"}, {"ann@example.com"}, OUTGOING_ANSWERED, 554, "554 5.7.1 spam", "", 1},
		{{.to_data = "452-full\r\n452 try later"}, {"ann@example.com"}, OUTGOING_ANSWERED, 452, "452 try later", "", 1},
		{{.to_data = ""}, {"ann@example.com"}, OUTGOING_NO_ANSWER, 0, "", "connection reset", 0},
		{{.greeting = "421 too busy"}, {"ann@example.com"}, OUTGOING_ANSWERED, 421, "421 too busy", "", 0},
		{{.greeting = ""}, {"ann@example.com"}, OUTGOING_NO_ANSWER, 0, "", "timed out", 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char server[200];
		struct text to[2];
		struct peer *p = postbox_start(&rows[i].script);
		struct postbox *box = p->context;
		struct outgoing_mail m = mail_of(server, p, "");
		m.to = to;
		for (m.to_count = 0; m.to_count < 2 && rows[i].to[m.to_count]; m.to_count++)
			to[m.to_count] = text_from(rows[i].to[m.to_count]);
		struct outcome out = post(&m, rows[i].error[0] == 't' ? 300000 : SECONDS_US(60));
		if (out.end != rows[i].end || out.status != rows[i].status || strcmp(out.body, rows[i].body) != 0 ||
			strcmp(out.error, rows[i].error) != 0)
			fail_msg("%zu: %d %d \"%s\" \"%s\"", i, out.end, out.status, out.body, out.error);
		outcome_done(&out);
		assert_int_equal(atomic_load(&box->messages), rows[i].messages);
		postbox_stop(p);
	}
}

static void test_server_away(void **state)
{
	(void)state;
	char server[200];
	struct peer *p = postbox_start(NULL);
	struct outgoing_mail m = mail_of(server, p, "user:secret@");
	postbox_stop(p);
	struct outcome out = post(&m, SECONDS_US(60));
	assert_int_equal(out.end, OUTGOING_NO_ANSWER);
	assert_string_equal(out.error, "connection refused");
	outcome_done(&out);
}

static void test_encryption(void **state)
{
	(void)state;
	static const struct {
		const char *user, *offers;
		enum mail_tls tls;
		bool sent, asks, logs_in;
	} rows[] = {
		{"", NULL, MAIL_TLS_AUTO, true, false, false},
		{"", "250-STARTTLS", MAIL_TLS_AUTO, false, true, false},
		{"", NULL, MAIL_TLS_ALWAYS, false, false, false},
		{"", "250-STARTTLS", MAIL_TLS_ALWAYS, false, true, false},
		{"", "250-STARTTLS", MAIL_TLS_NEVER, true, false, false},
		{"user:secret@", "250-AUTH PLAIN", MAIL_TLS_AUTO, false, false, false},
		{"user:secret@", "250-STARTTLS", MAIL_TLS_AUTO, false, true, false},
		{"user:secret@", "250-AUTH PLAIN", MAIL_TLS_NEVER, true, false, true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char server[200];
		struct postbox_script script = {.offers = rows[i].offers};
		struct peer *p = postbox_start(&script);
		struct postbox *box = p->context;
		struct outgoing_mail m = mail_of(server, p, rows[i].user);
		m.tls = rows[i].tls;
		struct outcome out = post(&m, rows[i].asks ? 300000 : SECONDS_US(60)); /* the handshake never ends */
		if ((out.end == OUTGOING_ANSWERED) != rows[i].sent) fail_msg("%zu: %d %d %s", i, out.end, out.status, out.error);
		if (!rows[i].sent && !rows[i].asks) assert_string_equal(out.error, "TLS: the mail server does not offer STARTTLS");
		assert_int_equal(postbox_heard(box, "STARTTLS"), rows[i].asks);
		assert_int_equal(postbox_heard(box, "AUTH"), rows[i].logs_in);
		assert_int_equal(atomic_load(&box->messages), rows[i].sent);
		outcome_done(&out);
		postbox_stop(p);
	}
}

static void test_login_refused(void **state)
{
	(void)state;
	char server[200];
	struct postbox_script script = {.offers = "250-AUTH PLAIN", .to_auth = "535 5.7.8 wrong password"};
	struct peer *p = postbox_start(&script);
	struct outgoing_mail m = mail_of(server, p, "user:secret@");
	m.tls = MAIL_TLS_NEVER;
	struct outcome out = post(&m, SECONDS_US(60));
	assert_int_equal(out.end, OUTGOING_ANSWERED);
	assert_int_equal(out.status, 535);
	assert_string_equal(out.body, "535 5.7.8 wrong password");
	outcome_done(&out);
	postbox_stop(p);
}

static void test_refused(void **state)
{
	(void)state;
	struct peer *p = postbox_start(NULL);
	const struct text bad_to[] = {TEXT("ann@example.com"), TEXT("x@y>\r\nRCPT TO:<z@example.com")};
	const struct outgoing_header bad_value = {TEXT("Message-ID"), TEXT("<1>\r\nBcc: x@y")},
								 bad_name = {TEXT("X-A\r\nBcc"), TEXT("x@y")}, own = {TEXT("bcc"), TEXT("x@y")},
								 not_ascii = {TEXT("X-A"), TEXT("ж")};
	const struct {
		struct text from, subject;
		const struct text *to;
		size_t to_count;
		const struct outgoing_header *header;
		const char *says;
	} rows[] = {
		{SENDER, TEXT("a\r\nBcc: x@y"), one_recipient, 1, NULL, "subject"},
		{SENDER, TEXT("a\nb"), one_recipient, 1, NULL, "subject"},
		{SENDER, TEXT("a\rb"), one_recipient, 1, NULL, "subject"},
		{SENDER, TEXT("a\0b"), one_recipient, 1, NULL, "subject"},
		{SENDER, TEXT("a\xff"), one_recipient, 1, NULL, "subject"},
		{TEXT("A\r\nBcc: x@y <a@b>"), TEXT("s"), one_recipient, 1, NULL, "sender"},
		{TEXT("A\0B <a@b>"), TEXT("s"), one_recipient, 1, NULL, "sender"},
		{TEXT("A <a@b\r\n>"), TEXT("s"), one_recipient, 1, NULL, "sender"},
		{TEXT("A <a@b> c"), TEXT("s"), one_recipient, 1, NULL, "sender"},
		{TEXT(""), TEXT("s"), one_recipient, 1, NULL, "sender"},
		{SENDER, TEXT("s"), bad_to, 2, NULL, "recipient 2"},
		{SENDER, TEXT("s"), bad_to, 0, NULL, "no recipient"},
		{SENDER, TEXT("s"), one_recipient, 1, &bad_value, "Message-ID"},
		{SENDER, TEXT("s"), one_recipient, 1, &bad_name, "name of a header"},
		{SENDER, TEXT("s"), one_recipient, 1, &own, "Bcc"},
		{SENDER, TEXT("s"), one_recipient, 1, &not_ascii, "X-A"},
	};
	struct outcome out = {0};
	struct sender s = sender_open(NULL, SECONDS_US(60), NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char server[200];
		struct err err = {0};
		struct outgoing_mail m = mail_of(server, p, "");
		m.from = rows[i].from;
		m.subject = rows[i].subject;
		m.to = rows[i].to;
		m.to_count = rows[i].to_count;
		m.headers = rows[i].header;
		m.header_count = rows[i].header ? 1 : 0;
		struct outgoing_request request = {.mail = &m};
		assert_int_equal(outgoing_send(s.o, &request, outcome_take, &out, &err), RC_INVALID);
		if (!strstr(err.text, rows[i].says)) fail_msg("%zu: %s", i, err.text);
	}
	static const char *const servers[] = {"http://127.0.0.1", "file:///tmp/x", "imap://127.0.0.1", "smtp://"};
	for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
		char server[200];
		struct outgoing_mail m = mail_of(server, p, "");
		struct outgoing_request request = {.mail = &m};
		m.server = servers[i];
		assert_int_equal(outgoing_send(s.o, &request, outcome_take, &out, NULL), RC_INVALID);
	}
	outgoing_run(s.o, 0);
	sender_close(&s);
	assert_int_equal(out.calls, 0);
	assert_int_equal(atomic_load(&p->connections), 0);
	postbox_stop(p);
}

/* A server that never answers QUIT must not hold up the loop, where the library would wait for two minutes. */
static void test_quit_is_not_waited_for(void **state)
{
	(void)state;
	char server[200];
	struct postbox_script script = {.silent_at_quit = true};
	struct peer *p = postbox_start(&script);
	struct postbox *box = p->context;
	struct sender s = sender_open(NULL, SECONDS_US(60), NULL);
	struct outgoing_mail m = mail_of(server, p, "");
	struct outgoing_request request = {.mail = &m};
	const struct text nobody = TEXT("nobody@example.com");
	for (int i = 1; i <= 3; i++) {
		struct outcome out = {0};
		sender_send(&s, &request, &out);
		sender_wait(&s);
		assert_int_equal(out.status, 250);
		assert_int_equal(atomic_load(&box->messages), i);
		outcome_done(&out);
	}
	m.to = &nobody;
	struct outcome out = {0};
	sender_send(&s, &request, &out);
	sender_wait(&s);
	assert_int_equal(out.status, 550);
	outcome_done(&out);
	sender_close(&s);
	while (atomic_load(&box->quits) < 4) usleep(1000); /* it was told all the same */
	postbox_stop(p);
}

int main(void)
{
	struct err err;
	if (secret_init(&err) != RC_OK) return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_envelope),
		cmocka_unit_test(test_subjects),
		cmocka_unit_test(test_senders),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_server_away),
		cmocka_unit_test(test_encryption),
		cmocka_unit_test(test_login_refused),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_quit_is_not_waited_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
