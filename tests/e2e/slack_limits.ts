/* Whether Slack would take a message: its published limits, and its escapes, judged without knowing who wrote it. */

const TEXT_MOST = 40_000;
const BLOCKS_MOST = 50;
const CHARACTERS_MOST = 13_200; /* over all blocks */
const TOP_LEVEL = new Set(["text", "blocks", "attachments", "channel", "ts", "thread_ts", "reply_broadcast", "username", "icon_emoji",
	"unfurl_links", "unfurl_media", "mrkdwn", "metadata"]);
const ESCAPED = /&(?:amp|lt|gt);/g;
const LINK = /<https?:\/\/[^<>|\s]+(?:\|[^<>\n]+)?>/g;
const DATE = /<!date\^\d+\^[^<>|]+\|[^<>]+>/g;

/* Everything that is wrong with the body of a message; nothing: Slack takes it. */
export function slack_problems(bytes: Buffer): string[] {
	const text = bytes.toString("utf8");
	if (!Buffer.from(text, "utf8").equals(bytes)) return ["is not UTF-8"];
	let message;
	try {
		message = JSON.parse(text);
	} catch (failure) {
		return [`is not JSON: ${failure}`];
	}
	return new Judge().message(message);
}

class Judge {
	private readonly problems: string[] = [];
	private readonly ids = new Map<string, Set<string>>();
	private characters = 0;
	private blocks = 0;

	message(m: any): string[] {
		if (typeof m !== "object" || m === null || Array.isArray(m)) return ["is no object"];
		for (const name of Object.keys(m)) if (!TOP_LEVEL.has(name)) this.wrong(`unknown member ${name}`);
		this.plain(m.text, "text", TEXT_MOST);
		const preview = list(m.blocks).length > 0; /* what shows no formatting may leave it open */
		this.mrkdwn(m.text, "text", preview);
		this.all_blocks(m.blocks ?? [], "blocks");
		for (const [i, attachment] of list(m.attachments).entries()) {
			if (attachment.text !== undefined) this.mrkdwn(attachment.text, `attachments[${i}].text`);
			if (attachment.color !== undefined && !/^(#[0-9a-fA-F]{6}|good|warning|danger)$/.test(attachment.color)) this.wrong(`attachments[${i}].color`);
			this.all_blocks(attachment.blocks ?? [], `attachments[${i}].blocks`);
		}
		if (this.blocks > BLOCKS_MOST) this.wrong(`${this.blocks} blocks`);
		if (this.characters > CHARACTERS_MOST) this.wrong(`${this.characters} characters over all blocks: msg_blocks_too_long`);
		return this.problems;
	}

	private wrong(what: string): void {
		this.problems.push(what);
	}

	private all_blocks(blocks: any, where: string): void {
		if (!Array.isArray(blocks)) return this.wrong(`${where} is no list`);
		this.blocks += blocks.length;
		blocks.forEach((block, i) => this.block(block, `${where}[${i}]`));
	}

	private block(block: any, where: string): void {
		if (block.block_id !== undefined) this.id("block_id", block.block_id, where);
		switch (block.type) {
			case "header": return this.text(block.text, `${where}.text`, 150, ["plain_text"]);
			case "section": return this.section(block, where);
			case "context": return this.context(block, where);
			case "actions": return this.actions(block, where);
			case "image": return this.image(block, where);
			case "divider": return;
			default: return this.wrong(`${where}: type ${block.type}`);
		}
	}

	private section(block: any, where: string): void {
		if (block.text === undefined && block.fields === undefined) this.wrong(`${where} has neither text nor fields`);
		if (block.text !== undefined) this.text(block.text, `${where}.text`, 3000);
		if (block.fields !== undefined) this.count(block.fields, `${where}.fields`, 10);
		list(block.fields).forEach((field, i) => this.text(field, `${where}.fields[${i}]`, 2000));
		if (block.accessory !== undefined) this.element(block.accessory, `${where}.accessory`);
	}

	private context(block: any, where: string): void {
		this.count(block.elements, `${where}.elements`, 10);
		list(block.elements).forEach((element, i) => {
			if (element.type === "image") this.image(element, `${where}.elements[${i}]`);
			else this.text(element, `${where}.elements[${i}]`, 3000);
		});
	}

	private actions(block: any, where: string): void {
		this.count(block.elements, `${where}.elements`, 25);
		list(block.elements).forEach((element, i) => this.element(element, `${where}.elements[${i}]`));
	}

	private element(button: any, where: string): void {
		if (button.type !== "button") return this.wrong(`${where}: type ${button.type}`);
		this.text(button.text, `${where}.text`, 75, ["plain_text"]);
		if (button.url !== undefined) this.url(button.url, `${where}.url`);
		if (button.value !== undefined) this.plain(button.value, `${where}.value`, 2000);
		if (button.action_id !== undefined) this.id("action_id", button.action_id, where);
		if (button.style !== undefined && !["primary", "danger"].includes(button.style)) this.wrong(`${where}.style ${button.style}`);
	}

	private image(image: any, where: string): void {
		this.url(image.image_url, `${where}.image_url`);
		this.plain(image.alt_text, `${where}.alt_text`, 2000);
	}

	private id(kind: string, id: unknown, where: string): void {
		this.plain(id, `${where}.${kind}`, 255);
		const known = this.ids.get(kind) ?? new Set();
		if (known.has(String(id))) this.wrong(`${where}.${kind} ${id} is there twice`);
		this.ids.set(kind, known.add(String(id)));
	}

	private count(elements: unknown, where: string, most: number): void {
		const count = list(elements).length;
		if (count < 1 || count > most) this.wrong(`${where}: ${count} elements`);
	}

	private url(url: unknown, where: string): void {
		this.plain(url, where, 3000);
		if (typeof url !== "string" || !/^https?:\/\/[^\s<>"]+$/.test(url) || !URL.canParse(url)) this.wrong(`${where} is no link: ${url}`);
	}

	/* A text object. */
	private text(object: any, where: string, most: number, types = ["plain_text", "mrkdwn"]): void {
		if (typeof object !== "object" || object === null || !types.includes(object.type)) return this.wrong(`${where} is no text object`);
		this.plain(object.text, where, most);
		this.characters += String(object.text).length;
		if (object.type === "mrkdwn") this.mrkdwn(object.text, where);
	}

	private plain(text: unknown, where: string, most: number): void {
		if (typeof text !== "string") return this.wrong(`${where} is no text`);
		if (text.trim().length < 1 || text.length > most) this.wrong(`${where} has ${text.length} characters, ${most} is the limit`);
		if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text)) this.wrong(`${where} has half a character`);
		if (/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(text)) this.wrong(`${where} has control characters`);
	}

	private mrkdwn(text: unknown, where: string, preview = false): void {
		if (typeof text !== "string") return;
		const rest = text.replace(LINK, "").replace(DATE, "").replace(ESCAPED, "");
		if (/[&<>]/.test(rest)) this.wrong(`${where} is not escaped: ${text}`);
		for (const [link] of text.matchAll(LINK)) if (link.length > 3000) this.wrong(`${where} has a link of ${link.length} characters`);
		if (!preview && (text.match(/```/g) ?? []).length % 2 !== 0) this.wrong(`${where} does not close its code block: ${text}`);
	}
}

const list = (value: unknown): any[] => (Array.isArray(value) ? value : []);

/* All text that a person sees of a message, its preview left out; links show their labels and stay findable. */
export function slack_shown(message: any): string {
	const shown: string[] = [];
	const walk = (value: any): void => {
		if (Array.isArray(value)) return value.forEach(walk);
		if (typeof value !== "object" || value === null) return;
		if (typeof value.text === "string") shown.push(value.text);
		if (typeof value.url === "string") shown.push(value.url);
		Object.values(value).forEach(walk);
	};
	walk(message.blocks ?? []);
	walk(message.attachments ?? []);
	return shown.join("\n");
}

/* The same with Slack's three escapes undone. */
export const slack_read = (message: any): string => slack_shown(message).replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
