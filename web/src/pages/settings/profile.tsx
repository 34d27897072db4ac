/** Your name and your password. */
import { Section } from "../../kit/page";

export default function Page() {
	return <Section title="Profile">{null}</Section>;
}
