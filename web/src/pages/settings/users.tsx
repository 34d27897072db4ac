/** Who may log in. */
import { Section } from "../../kit/page";

export default function Page() {
	return <Section title="Users">{null}</Section>;
}
