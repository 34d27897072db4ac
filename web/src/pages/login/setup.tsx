/** A one-time link: its token stands behind the # of the address, where no server sees it, and is taken out of it at once. */
import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../../api/error";
import { navigate } from "../../app/location";
import { setPassword as setPasswordByLink } from "../../app/session";
import { AlonePage } from "../../kit/alone";
import { Form } from "../../kit/form";
import { Link } from "../../kit/link";
import { CodeBlock, Notice } from "../../kit/messages";
import { PasswordField } from "./password_field";
import { isPossible, passwordHint } from "./password_words";

function takeToken(): string {
	const token = location.hash.slice(1);
	if (token) history.replaceState(null, "", location.pathname);
	return token;
}

/** The token of the link; another link that is opened in the same tab takes its place. */
function useToken(): string {
	const [token, setToken] = useState(takeToken);
	useEffect(() => {
		const onHash = () => setToken((before) => takeToken() || before);
		addEventListener("hashchange", onHash);
		return () => removeEventListener("hashchange", onHash);
	}, []);
	return token;
}

/** What helps whoever has no link that works. */
function NewLinkHelp({ children }: { children: string }) {
	return (
		<AlonePage title="Set a password">
			<div role="alert">
				<Notice tone="warn">{children}</Notice>
			</div>
			<p>An admin makes a new one under Settings, Users. If there is no admin who can: on the server's machine, with the server's <code>--db</code>, this prints one.</p>
			<CodeBlock code="versioner admin reset-password --email you@example.com" label="Make a link for a password" />
			<p>
				<Link href="/login">To the login page</Link>
			</p>
		</AlonePage>
	);
}

export default function Setup() {
	const token = useToken();
	const [refused, setRefused] = useState<string | null>(null);
	if (!token) return <NewLinkHelp>This page needs the whole link that you were given, with what stands behind its #. Open the link again.</NewLinkHelp>;
	if (refused === token)
		return <NewLinkHelp>This link is not valid any more: it was used, is older than 72 hours, or a newer one has taken its place.</NewLinkHelp>;
	return <NewPassword key={token} token={token} onRefused={() => setRefused(token)} />;
}

function NewPassword({ token, onRefused }: { token: string; onRefused: () => void }) {
	const [password, setPassword] = useState("");
	const [again, setAgain] = useState("");
	const submit = async () => {
		if (password !== again) throw new ApiError(422, "", null, [{ field: "again", message: "This is not the same password." }]);
		try {
			await setPasswordByLink(token, password);
		} catch (thrown) {
			const link = thrown instanceof ApiError && (thrown.status === 401 || thrown.of("token") !== undefined);
			if (!link) throw thrown;
			return onRefused();
		}
		navigate("/", { replace: true });
	};
	return (
		<AlonePage title="Set a password">
			<Form onSubmit={submit} action="Set password and log in" fields={["password", "again"]} disabled={!isPossible(password)}>
				{(errorOf) => (
					<>
						<PasswordField
							label="New password"
							autocomplete="new-password"
							autofocus
							hint={passwordHint(password)}
							value={password}
							onInput={setPassword}
							error={errorOf("password")}
						/>
						<PasswordField label="The same again" autocomplete="new-password" value={again} onInput={setAgain} error={errorOf("again")} />
					</>
				)}
			</Form>
			<p class="hint">The link works once. Next time you log in with your e-mail address and this password.</p>
		</AlonePage>
	);
}
