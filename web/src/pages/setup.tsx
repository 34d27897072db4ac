/** A one-time link: its token stands behind the # of the address, where no server sees it, and is taken out of it at once. */
import { useState } from "preact/hooks";
import { ApiError } from "../api/error";
import { navigate } from "../app/location";
import { setPassword as setPasswordByLink } from "../app/session";
import { AlonePage } from "../kit/alone";
import { TextField } from "../kit/field";
import { Form } from "../kit/form";
import { Link } from "../kit/link";
import { Notice } from "../kit/messages";

const LEAST = 10;

function takeToken(): string {
	const token = location.hash.slice(1);
	if (token) history.replaceState(null, "", location.pathname);
	return token;
}

export default function Setup() {
	const [token] = useState(takeToken);
	const [password, setPassword] = useState("");
	const [again, setAgain] = useState("");
	const submit = async () => {
		if (password !== again) throw new ApiError(422, "The passwords differ.", null, [{ field: "again", message: "This is not the same password." }]);
		await setPasswordByLink(token, password);
		navigate("/", { replace: true });
	};
	if (!token)
		return (
			<AlonePage title="Set a password">
				<Notice tone="warn">
					This page needs the whole link that you were given. It works once, for 72 hours. An admin can make a new one under Settings, Users.
				</Notice>
				<Link href="/login">To the login page</Link>
			</AlonePage>
		);
	return (
		<AlonePage title="Set a password">
			<Form onSubmit={submit} action="Set password and log in" fields={["password", "again"]} disabled={[...password].length < LEAST}>
				{(errorOf) => (
					<>
						<TextField
							label="New password"
							type="password"
							autocomplete="new-password"
							autofocus
							required
							hint={`At least ${LEAST} characters; 12 or more are better. A few words in a row are fine.`}
							value={password}
							onInput={setPassword}
							error={errorOf("password")}
						/>
						<TextField label="The same again" type="password" autocomplete="new-password" required value={again} onInput={setAgain} error={errorOf("again")} />
					</>
				)}
			</Form>
		</AlonePage>
	);
}
