/** All channels, for the forms and filters that choose one. */
import { api, take } from "../../../api/client";
import type { Channel } from "../../../api/types";
import { readAll } from "../../../app/catalog";
import { useData } from "../../../app/data";
import type { Option } from "../../../kit/field";
import { visible } from "../../../kit/text";
import { channelName } from "./deliveries_columns";

/** undefined: not there yet, or not for this role. */
export function useChannels(may: boolean): { items: readonly Channel[] | undefined } {
	const { data } = useData(
		async (signal) => (may ? readAll((cursor) => take(api.GET("/notification-channels", { params: { query: { limit: 200, cursor } }, signal }))) : undefined),
		[may],
	);
	return { items: data };
}

/** Options of a filter. */
export function channelOptions(channels: readonly Channel[]): Option[] {
	return channels.map((one) => ({ value: channelName(one), label: visible(one.name) }));
}
