/** API keys. */
import { Section } from "../../kit/page";

export default function Page() {
	return <Section title="Keys">{null}</Section>;
}
