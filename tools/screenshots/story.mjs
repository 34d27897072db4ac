// What the demonstration's company did by hand in that month: people, keys, channels, and the deployments of the last hours, of which somebody was told.
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
export const ADMIN = "amara@example.com";
export const PASSWORD = "a password for the pictures";

const COLLEAGUES = [
	["jonas@example.com", "Jonas Weber", "sre"],
	["priya@example.com", "Priya Raman", "release_manager"],
	["chloe@example.com", "Chloé Lefèvre", "developer"],
	["marek@example.com", "Marek Nowak", "developer"],
	["hana@example.com", "Hana Suzuki", "qa"],
	["dmitri@example.com", "Dmitri Antonov", "security"],
	["leila@example.com", "Leila Haddad", "compliance"],
	["tom@example.com", "Tom Whitfield", "viewer"],
];
const KEYS = [
	["GitHub Actions", ["events"]],
	["GitLab pipelines", ["events"]],
	["Jenkins", ["events"]],
	["Grafana", ["read"]],
	["Terraform", ["admin"]],
];
const PRODUCTS = [
	["checkout", "Basket to paid order."],
	["payments", "Cards, wallets and refunds."],
	["search", "Finds products, and knows what was meant."],
];
/** The pipelines know of the last minutes only what happens here: the demonstration ends before. */
export const LAST_MINUTES = 55;
/** Minutes before the end at its beginning and its end, product, where from and to, how it ended, and why. */
const DEPLOYMENTS = [
	[48, 41, "catalog", "staging", "production", "success"],
	[37, 30, "payments", "staging", "production", "failed", "HEALTH_CHECK", "the new instances did not become healthy within 300 s: 2 of 3 answered 503"],
	[28, 25, "pricing", "dev", "test", "success"],
	[23, 16, "storefront", "staging", "production-eu", "success"],
	[15, 11, "search", "test", "staging", "failed", "SMOKE_TEST", "smoke test \"find and open\" failed: expected 200, got 502"],
	[10, 4, "returns", "staging", "production", "success"],
	[2, null, "checkout", "staging", "production"],
];

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function setPassword(person, link) {
	await person.post("/session/password", { token: link.url.split("#")[1], password: PASSWORD });
}

async function hirePeople(server, amara) {
	const key = server.somebody();
	const [first] = (await key.get("/users")).items;
	await setPassword(amara, await key.post(`/users/${first.id}/password-link`));
	await amara.patch("/session", { name: "Amara Okafor" });
	const people = {};
	for (const [email, name, role] of COLLEAGUES) {
		const { password_link: link } = await amara.post("/users", { email, name, role });
		// One of them has not used the link yet.
		if (role === "viewer") continue;
		people[role] = server.somebody();
		await setPassword(people[role], link);
	}
	return people;
}

async function makeKeys(amara) {
	const made = [];
	for (const [name, scopes] of KEYS) made.push(await amara.post("/api-keys", { name, scopes }));
	const trial = await amara.post("/api-keys", { name: "trial", scopes: ["events", "read"] });
	await amara.delete(`/api-keys/${trial.id}`);
	return Object.fromEntries(["github", "gitlab", "jenkins", "grafana", "terraform"].map((name, i) => [name, made[i].key]));
}

async function makeChannels(jonas, receiver) {
	const channel = async (name, channel_type, config) => (await jonas.post("/notification-channels/", { name, channel_type, config })).id;
	const slack = await channel("#releases", "slack_bot", { token: "xoxb-123456789012-releases", channel: "#releases" });
	const wall = await channel("release wall", "webhook", { url: `${receiver}/wall`, headers: { "X-Team": "platform" } });
	const pager = await channel("on-call pager", "webhook", { url: `${receiver}/pager` });
	const mail = await channel("finance by mail", "email", { to: ["finance@example.com"] });
	await jonas.patch(`/notification-channels/${mail}`, { enabled: false });
	const prefer = (event_type, channel_id, filters) => jonas.post("/notification-preferences/", { event_type, channel_id, filters });
	await prefer("deployment.*", slack, { environment_types: ["production"] });
	await prefer("deployment.failed", slack, {});
	await prefer("deployment.completed", wall, {});
	await prefer("deployment.failed", pager, { environments: ["production*"] });
	await prefer("deployment.*", mail, { products: ["payments", "billing", "invoices", "ledger"] });
}

async function describeProducts(priya) {
	for (const [name, description] of PRODUCTS) {
		const [product] = (await priya.get(`/products/?name=${name}`)).items;
		await priya.patch(`/products/${product.id}`, { description });
	}
}

/** As the last deployment of that version, elsewhere. */
async function deploy(server, keys, back, [begins, ends, product, from, to, status, code, message]) {
	const admin = server.somebody();
	const matrix = await admin.get(`/environment-state/?product=${product}`);
	const cell = matrix.items[0].cells[matrix.environments.find(({ name }) => name === from).id];
	const last = await admin.get(`/deployments/${cell.deployment_id}`);
	const run = String(51_200_000 + begins * 7919);
	const url = last.build_url.replace(/\d+$/, run);
	const { scm_repository, scm_sha, scm_branch, build_number, source_system, deployed_by, deployed_by_name, deployed_by_email } = last;
	const same = { scm_repository, scm_sha, scm_branch, build_number, source_system, deployed_by, deployed_by_name, deployed_by_email };
	const pipeline = server.somebody(keys[source_system]);
	const event = (word, more) =>
		pipeline.post("/deployment-events/", { product_name: product, environment_name: to, version: cell.version, invoke_id: run, build_url: url, deploy_url: url, ...same, status: word, ...more });
	back(begins * MINUTE);
	await event("in_progress");
	if (!status) return;
	back(ends * MINUTE);
	await event(status, status === "failed" ? { error_code: code, error_message: message } : {});
}

/** Until nothing waits to be delivered. */
async function settle(jonas) {
	for (let i = 0; i < 100; i++) {
		const waiting = await jonas.get("/notification-history?state=waiting");
		if (!waiting.items.length) return;
		await pause(200);
	}
	throw new Error("notifications are still waiting");
}

/** Ends with the admin's session, which the pictures are taken in: {cookie}. */
export async function tell(server, receiver, end) {
	const back = (milliseconds) => server.goTo(new Date(end.getTime() - milliseconds));
	const login = (person, email) => person.post("/session", { email, password: PASSWORD });
	const amara = server.somebody();
	back(29 * DAY);
	const people = await hirePeople(server, amara);
	back(28 * DAY + 3 * HOUR);
	const keys = await makeKeys(amara);
	back(24 * DAY + 2 * HOUR);
	await makeChannels(people.sre, receiver);
	back(16 * DAY);
	for (const [email] of COLLEAGUES.slice(0, 5)) await login(server.somebody(), email);
	back(8 * DAY + 5 * HOUR);
	await login(people.release_manager, COLLEAGUES[1][0]);
	await describeProducts(people.release_manager);
	back(3 * DAY + 4 * HOUR);
	await login(amara, ADMIN);
	await amara.post("/personal-tokens", { name: "laptop", expires_in_days: 90 });
	await amara.post("/personal-tokens", { name: "release notes script" });
	await server.somebody(keys.terraform).get("/products/");
	await login(people.sre, COLLEAGUES[0][0]);
	back(2 * HOUR);
	await login(amara, ADMIN);
	const marek = (await amara.get("/users")).items.find(({ name }) => name === "Marek Nowak");
	await amara.patch(`/users/${marek.id}`, { role: "release_manager" });
	await login(people.sre, COLLEAGUES[0][0]);
	for (const deployment of DEPLOYMENTS) {
		await deploy(server, keys, back, deployment);
		await settle(people.sre);
	}
	await server.somebody(keys.grafana).get("/environment-state/");
	return { cookie: amara.headers.Cookie };
}
