/** Logging in with e-mail address and password. */
import { useState } from "preact/hooks";
import { navigate } from "../app/location";
import { afterLogin, login } from "../app/session";
import { AlonePage } from "../kit/alone";
import { TextField } from "../kit/field";
import { Form } from "../kit/form";

const FIELDS = ["email", "password", "account"];

function FirstRun() {
	return (
		<details class="first-run">
			<summary>No user yet?</summary>
			<p>On the server's machine, make the first one. It prints a link that sets the password:</p>
			<pre>versioner admin create-user --email you@example.com --role admin</pre>
			<p>Everybody else gets a link from an admin, under Settings, Users.</p>
		</details>
	);
}

export default function Login() {
	const [email, setEmail] = useState("");
	const [password, setPassword] = useState("");
	const submit = async () => {
		await login(email, password);
		navigate(afterLogin(), { replace: true });
	};
	return (
		<AlonePage title="Log in">
			<Form onSubmit={submit} action="Log in" fields={FIELDS}>
				{(errorOf) => (
					<>
						<TextField label="E-mail address" type="email" name="email" autocomplete="username" autofocus required value={email} onInput={setEmail} error={errorOf("email")} />
						<TextField
							label="Password"
							type="password"
							name="password"
							autocomplete="current-password"
							required
							value={password}
							onInput={setPassword}
							error={errorOf("password")}
						/>
					</>
				)}
			</Form>
			<FirstRun />
		</AlonePage>
	);
}
