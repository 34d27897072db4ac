/** Personal tokens. */
import { Section } from "../../kit/page";

export default function Page() {
	return <Section title="Tokens">{null}</Section>;
}
