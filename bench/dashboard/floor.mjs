// Pages with nothing in them, for what browser and machine take by themselves.
import { createServer } from "node:http";

const page = (style, body) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Floor</title><style>${style}</style></head><body>${body}</body></html>`;

const PAGES = {
	/** One line of text, in so many bytes. */
	"/size": (bytes) => page("", `<p>Floor</p><template>${"0123456789abcde\n".repeat(Math.ceil(bytes / 16))}</template>`),
	/** A frame that fills the window, of so many pixels to scroll, with lines as high as rows. */
	"/scroll": (height) =>
		page(
			"body { margin: 0 } #frame { height: 100dvh; overflow: auto } #inside { background: repeating-linear-gradient(#fff 0 47px, #ccc 47px 48px) }",
			`<div id="frame"><div id="inside" style="height: ${height}px"></div></div>`,
		),
};

/** work(origin) with a server for them. */
export async function withFloor(work) {
	const server = createServer((request, response) => {
		const [path, number] = request.url.split("?");
		const make = PAGES[path];
		response.writeHead(make ? 200 : 404, { "Content-Type": "text/html; charset=utf-8" });
		response.end(make?.(Number(number)));
	});
	await new Promise((done) => server.listen(0, "127.0.0.1", done));
	try {
		return await work(`http://127.0.0.1:${server.address().port}`);
	} finally {
		server.closeAllConnections();
		server.close();
	}
}
