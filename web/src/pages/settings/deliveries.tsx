/** What was told. */
import { Section } from "../../kit/page";

export default function Page() {
	return <Section title="Deliveries">{null}</Section>;
}
