/* HTTPS: a certificate that nobody vouches for is refused, the operator's own authority counts beside the system's. */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sender.h"

#include "outgoing/authorities.h"

static char folder[64];
static pid_t server;
static unsigned port;

static const char server_script[] = "import http.server, ssl, sys\n"
									"class H(http.server.BaseHTTPRequestHandler):\n"
									"    protocol_version = 'HTTP/1.1'\n"
									"    def do_POST(self):\n"
									"        self.rfile.read(int(self.headers['Content-Length']))\n"
									"        self.send_response(200)\n"
									"        self.send_header('Content-Length', '4')\n"
									"        self.end_headers()\n"
									"        self.wfile.write(b'safe')\n"
									"    def log_message(self, *a): pass\n"
									"class S(http.server.ThreadingHTTPServer):\n"
									"    def handle_error(self, *a): pass\n"
									"s = S(('127.0.0.1', 0), H)\n"
									"c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"
									"c.load_cert_chain(sys.argv[1] + '/cert.pem', sys.argv[1] + '/key.pem')\n"
									"s.socket = c.wrap_socket(s.socket, server_side=True, do_handshake_on_connect=False)\n"
									"print(s.server_port, flush=True)\n"
									"s.serve_forever()\n";

static char *path_of(char out[static 100], const char *name)
{
	snprintf(out, 100, "%s/%s", folder, name);
	return out;
}

static bool make_certificate(void)
{
	char command[600];
	snprintf(command, sizeof command,
		"openssl req -x509 -newkey rsa:2048 -nodes -keyout %s/key.pem -out %s/cert.pem -days 2 -subj /CN=test "
		"-addext subjectAltName=IP:127.0.0.1 2>/dev/null",
		folder, folder);
	return system(command) == 0;
}

static bool start_server(void)
{
	int out[2];
	char line[16] = {0};
	if (pipe2(out, O_CLOEXEC) != 0) return false;
	server = fork();
	if (server == 0) {
		dup2(out[1], STDOUT_FILENO);
		execlp("python3", "python3", "-c", server_script, folder, (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	for (size_t n = 0; n + 1 < sizeof line && !strchr(line, '\n') && read(out[0], line + n, 1) == 1; n++) continue;
	close(out[0]);
	port = (unsigned)strtoul(line, NULL, 10);
	return port != 0;
}

static int begin(void **state)
{
	(void)state;
	const char *base = getenv("TMPDIR");
	snprintf(folder, sizeof folder, "%s/outgoing-tls-XXXXXX", base && strlen(base) < 32 ? base : "/tmp");
	return mkdtemp(folder) && make_certificate() && start_server() ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	char path[100];
	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	unlink(path_of(path, "cert.pem"));
	unlink(path_of(path, "key.pem"));
	return rmdir(folder);
}

static struct outcome ask(const char *host, const char *ca_file)
{
	char url[200];
	struct outcome out = {0};
	struct sender s = sender_open("127.0.0.0/8", SECONDS_US(60), ca_file);
	snprintf(url, sizeof url, "https://%s:%u/", host, port);
	struct outgoing_request request = {.url = url, .body = TEXT("{}")};
	sender_send(&s, &request, &out);
	sender_wait(&s);
	sender_close(&s);
	return out;
}

static void test_own_authority(void **state)
{
	(void)state;
	char path[100];
	struct outcome out = ask("127.0.0.1", path_of(path, "cert.pem"));
	if (out.end != OUTGOING_ANSWERED) fail_msg("%s", out.error);
	assert_int_equal(out.status, 200);
	assert_string_equal(out.body, "safe");
	outcome_done(&out);
}

static void test_nobody_vouches(void **state)
{
	(void)state;
	struct outcome out = ask("127.0.0.1", NULL);
	assert_int_equal(out.end, OUTGOING_NO_ANSWER);
	assert_string_equal(out.error, "TLS: the certificate is not trusted, or not for this host");
	outcome_done(&out);
}

static void test_another_host(void **state)
{
	(void)state;
	char path[100];
	struct outcome out = ask("localhost", path_of(path, "cert.pem"));
	assert_int_equal(out.end, OUTGOING_NO_ANSWER);
	assert_string_equal(out.error, "TLS: the certificate is not trusted, or not for this host");
	outcome_done(&out);
}

static size_t size_of(const char *path)
{
	struct stat s;
	return stat(path, &s) == 0 ? (size_t)s.st_size : 0;
}

/* The library takes one file: it must have what the standard one has, and the operator's. */
static void test_beside_the_systems(void **state)
{
	(void)state;
	char path[100];
	struct authorities standard, with_own;
	assert_int_equal(authorities_read(NULL, &standard, NULL), RC_OK);
	assert_int_equal(authorities_read(path_of(path, "cert.pem"), &with_own, NULL), RC_OK);
	assert_int_equal(size_of(with_own.file), size_of(standard.file) + 1 + size_of(path));
	assert_int_equal(with_own.file_alone, standard.file_alone);
	authorities_done(&standard);
	authorities_done(&with_own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_authority),
		cmocka_unit_test(test_nobody_vouches),
		cmocka_unit_test(test_another_host),
		cmocka_unit_test(test_beside_the_systems),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
