/* Certificates that openssl makes for a test. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import * as path from "node:path";

export const HAS_OPENSSL = spawnSync("openssl", ["version"]).status === 0;

/* Of this machine, and of another host. */
export function make_certificate(dir: string, name: string, host = "localhost"): { cert: string; key: string } {
	const pair = { cert: path.join(dir, `${name}.crt`), key: path.join(dir, `${name}.key`) };
	const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", `/CN=${host}`,
		"-addext", `subjectAltName=DNS:${host},DNS:localhost,IP:127.0.0.1`, "-keyout", pair.key, "-out", pair.cert];
	const made = spawnSync("openssl", args, { encoding: "utf8" });
	assert.equal(made.status, 0, made.stderr);
	return pair;
}
