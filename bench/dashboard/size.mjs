// The bytes of the pages' scripts, as the server sends them to a browser that takes gzip.
import { get } from "node:http";

function ask(address, headers = {}) {
	return new Promise((resolve, reject) => {
		get(address, { headers }, (answer) => {
			const parts = [];
			answer.on("data", (part) => parts.push(part)).on("end", () => resolve({ status: answer.statusCode, body: Buffer.concat(parts) }));
		}).on("error", reject);
	});
}

/** Scripts name each other by their files. */
const namesIn = (text) => [...text.matchAll(/["'`](?:\.|\/assets)\/([\w-]+\.js)["'`]/g)].map(([, name]) => name);

/** All scripts that any page of the dashboard loads: packed, and plain. */
export async function measureSize(origin) {
	const waiting = namesIn((await ask(`${origin}/`)).body.toString());
	const seen = new Set();
	let packed = 0;
	let plain = 0;
	while (waiting.length) {
		const name = waiting.pop();
		if (seen.has(name)) continue;
		seen.add(name);
		const [text, small] = await Promise.all([ask(`${origin}/assets/${name}`), ask(`${origin}/assets/${name}`, { "Accept-Encoding": "gzip" })]);
		if (text.status !== 200) throw new Error(`${name} was answered with ${text.status}`);
		plain += text.body.length;
		packed += small.body.length;
		waiting.push(...namesIn(text.body.toString()));
	}
	if (seen.size < 5) throw new Error(`only ${seen.size} scripts were found`);
	return { javascript: [packed / 1000, plain / 1000] };
}
