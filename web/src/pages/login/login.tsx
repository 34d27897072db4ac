/** Logging in with e-mail address and password. */
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../../api/error";
import { navigate } from "../../app/location";
import { afterLogin, login } from "../../app/session";
import { AlonePage } from "../../kit/alone";
import { TextField } from "../../kit/field";
import { Form } from "../../kit/form";
import { CodeBlock, Notice } from "../../kit/messages";
import { PasswordField } from "./password_field";
import { useCountdown } from "./countdown";

const FIELDS = ["email", "password"];

function Lost() {
	return (
		<details class="first-run">
			<summary>No password yet, or lost?</summary>
			<p>An admin makes you a link that sets one, under Settings, Users.</p>
			<p>
				If there is no admin who can: on the server's machine, with the server's <code>--db</code>, this prints such a link.
			</p>
			<CodeBlock code="versioner admin reset-password --email you@example.com" label="Make a link for a password" />
		</details>
	);
}

/** Read out once, when it begins; the seconds go on for the eyes. */
function Held({ seconds }: { seconds: number }) {
	return (
		<div role="alert">
			<Notice tone="warn">
				Too many failed logins.{" "}
				<span class="seconds" aria-hidden="true">
					Try again in {seconds} s.
				</span>
				<span class="visually-hidden">It says when you can try again.</span>
			</Notice>
		</div>
	);
}

export default function Login() {
	const [email, setEmail] = useState("");
	const [password, setPassword] = useState("");
	const [failed, setFailed] = useState(0);
	const { seconds, begin, over } = useCountdown();
	const box = useRef<HTMLDivElement>(null);
	// Whoever mistyped types again: the field is chosen, so that one need not empty it.
	useEffect(() => {
		if (failed) box.current?.querySelector<HTMLInputElement>("input[name=password]")?.select();
	}, [failed]);
	const submit = async () => {
		try {
			await login(email.trim(), password);
		} catch (thrown) {
			if (thrown instanceof ApiError && thrown.status === 401) setFailed((n) => n + 1);
			if (!(thrown instanceof ApiError && thrown.status === 429 && thrown.retryAfter)) throw thrown;
			return begin(thrown.retryAfter);
		}
		navigate(afterLogin(), { replace: true });
	};
	return (
		<AlonePage title="Log in">
			<div ref={box}>
				<Form onSubmit={submit} action="Log in" fields={FIELDS} disabled={seconds > 0}>
					{(errorOf) => (
						<>
							<TextField
								label="E-mail address"
								type="email"
								name="email"
								autocomplete="username"
								autofocus
								required
								maxLength={254}
								value={email}
								onInput={setEmail}
								error={errorOf("email")}
							/>
							<PasswordField label="Password" name="password" autocomplete="current-password" value={password} onInput={setPassword} error={errorOf("password")} />
							{seconds > 0 && <Held seconds={seconds} />}
							<p class="visually-hidden" role="status">
								{over && "You can try again now."}
							</p>
						</>
					)}
				</Form>
			</div>
			<Lost />
		</AlonePage>
	);
}
