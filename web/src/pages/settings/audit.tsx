/** Who changed what. */
import { Section } from "../../kit/page";

export default function Page() {
	return <Section title="Audit">{null}</Section>;
}
