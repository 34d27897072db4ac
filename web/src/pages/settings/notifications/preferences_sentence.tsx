/** A preference in words. */
import type { Preference } from "../../../api/types";
import { Icon } from "../../../kit/icon";
import { Name } from "../../../kit/text";
import { sentence, whyNothing, type Wanted } from "./preferences_words";

interface SentenceProps {
	preference: Wanted & Partial<Pick<Preference, "channel_name">>;
	/** Says to whom, too. */
	whole?: boolean;
}

export function Sentence({ preference, whole }: SentenceProps) {
	const nothing = whyNothing(preference);
	return (
		<span class="sentence">
			{sentence(preference).map(({ text, isName }) => (isName ? <Name text={text} /> : text))}
			{whole && (
				<>
					{" "}
					<span aria-label="to">→</span> <Name text={preference.channel_name} />
				</>
			)}
			{nothing && (
				<span class="matches-nothing">
					<Icon name="failed" size={12} /> {nothing}
				</span>
			)}
		</span>
	);
}
