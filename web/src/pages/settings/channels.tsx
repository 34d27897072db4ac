/** Who is told of what. */
import { Section } from "../../kit/page";

export default function Page() {
	return <Section title="Channels">{null}</Section>;
}
