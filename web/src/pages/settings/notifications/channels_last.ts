/** The last delivery of each channel of a list. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { api, take } from "../../../api/client";
import type { Notification } from "../../../api/types";

/** Among so many of the newest is the last one of each channel that is used. */
const NEWEST = 200;
/** Channels that are told of little are asked for one by one, a few at a time. */
const TOGETHER = 4;

type Last = ReadonlyMap<string, Notification | null>;

async function read(query: { channel?: string; limit: number }, signal: AbortSignal): Promise<Notification[]> {
	return (await take(api.GET("/notification-history", { params: { query }, signal }))).items;
}

async function readLast(channels: readonly string[], before: Last, signal: AbortSignal): Promise<Last> {
	const last = new Map(before);
	const found = new Set<string>();
	for (const one of await read({ limit: NEWEST }, signal)) {
		if (!found.has(one.channel_id)) last.set(one.channel_id, one);
		found.add(one.channel_id);
	}
	const others = channels.filter((id) => !last.has(id));
	for (let at = 0; at < others.length; at += TOGETHER) {
		const some = others.slice(at, at + TOGETHER);
		const answers = await Promise.all(some.map((id) => read({ channel: id, limit: 1 }, signal)));
		some.forEach((id, i) => last.set(id, answers[i]?.[0] ?? null));
	}
	return last;
}

/** null: never told of anything; absent: not known yet. */
export function useLastDeliveries(channels: readonly string[]): { byChannel: Last; reload: () => void } {
	const [byChannel, setByChannel] = useState<Last>(new Map());
	const [turn, setTurn] = useState(0);
	const wanted = channels.join(",");
	useEffect(() => {
		if (!wanted) return;
		const aborter = new AbortController();
		// What cannot be read is not shown: the list itself says what is wrong.
		readLast(wanted.split(","), byChannel, aborter.signal).then(
			(last) => aborter.signal.aborted || setByChannel(last),
			() => {},
		);
		return () => aborter.abort();
	}, [wanted, turn]);
	return { byChannel, reload: useCallback(() => setTurn((n) => n + 1), []) };
}
