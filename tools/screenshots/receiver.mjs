// Where the demonstration's notifications go: Slack's API as far as it is needed, webhooks that take everything, and one that is gone.
import { createServer } from "node:http";

const ANSWERS = {
	"/api/chat.postMessage": [200, { ok: true, channel: "C0000000001", ts: "1.000001" }],
	"/api/chat.update": [200, { ok: true, channel: "C0000000001", ts: "1.000001" }],
	"/pager": [410, { error: "this integration was removed" }],
};

/** {origin, close} */
export async function startReceiver() {
	const server = createServer((request, response) => {
		const [status, body] = ANSWERS[request.url] ?? [200, { ok: true }];
		request.resume().on("end", () => response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body)));
	});
	await new Promise((done) => server.listen(0, "127.0.0.1", done));
	const close = () => {
		server.closeAllConnections();
		server.close();
	};
	return { origin: `http://127.0.0.1:${server.address().port}`, close };
}
