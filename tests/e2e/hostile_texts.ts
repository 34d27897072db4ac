/* Texts that a message may carry without being broken by them, or breaking out of it. */

/* Each is repeated to whatever length a field has. */
export const HOSTILE: Record<string, string> = {
	ampersands: "&",
	brackets: "<>",
	"mentions and links": "<!channel> <@U123> <http://evil.example|x> ",
	backticks: "`",
	"code fences": "``` ``` ",
	emoji: "👩‍👩‍👧‍👦🏳️‍🌈",
	"astral letters": "𝔘",
	"combining marks": "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢",
	"right to left": "\u202e\u2066مرحبا\u2069",
	"zero width": "x\u200b\u200d\ufeff",
	"zero width alone": "\u200b",
	"no-break spaces": "x\u00a0\u00a0\u3000",
	quotes: "\"\\'%{}[]|*_~",
	markup: "<script>alert(1)</script><img src=x onerror=y>",
	"line separators": "a\u2028b\u2029c",
	noncharacters: "\ufffe\uffff\u{10ffff}x",
};

export const filled = (text: string, length: number): string => Array.from(text.repeat(length)).slice(0, length).join("");
