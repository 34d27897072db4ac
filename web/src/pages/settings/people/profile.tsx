/** Oneself: name, password, theme, session. */
import { useState } from "preact/hooks";
import { call } from "../../../api/client";
import type { Session, User } from "../../../api/types";
import { enter, logout, useSession } from "../../../app/session";
import { useStore } from "../../../app/store";
import { chooseTheme, theme, THEMES, type Theme } from "../../../app/theme";
import { Button } from "../../../kit/button";
import { TextField } from "../../../kit/field";
import { Form } from "../../../kit/form";
import { Facts, Section } from "../../../kit/page";
import { Name } from "../../../kit/text";
import { DateTime } from "../../../kit/time";
import { toast } from "../../../kit/toast";
import { PasswordForm } from "./password_form";
import { roleLabel, roleSentence } from "./words";

const THEME_WORDS: Record<Theme, string> = { system: "As the system", light: "Light", dark: "Dark" };

function NameForm({ user }: { user: User }) {
	const [name, setName] = useState(user.name ?? "");
	const submit = async () => {
		enter(await call<Session>("PATCH", "/session", { body: { name: name.trim() || null } }));
		toast.done("Your name was changed.");
	};
	return (
		<Form onSubmit={submit} action="Save" fields={["name"]} disabled={(name.trim() || null) === user.name}>
			{(errorOf) => (
				<TextField
					label="Name"
					value={name}
					onInput={setName}
					error={errorOf("name")}
					required={false}
					maxLength={255}
					autocomplete="name"
					hint="Shown in these pages. Events and the audit log name you by your address."
				/>
			)}
		</Form>
	);
}

function ThemeChoice() {
	const now = useStore(theme);
	return (
		<fieldset class="choice themes">
			<legend>Theme, in this browser</legend>
			{THEMES.map((one) => (
				<label key={one}>
					<input type="radio" name="theme" checked={one === now} onChange={() => chooseTheme(one)} /> {THEME_WORDS[one]}
				</label>
			))}
		</fieldset>
	);
}

function SignOut({ session }: { session: Session }) {
	const [busy, setBusy] = useState(false);
	const leave = () => {
		setBusy(true);
		logout().catch((thrown) => {
			toast.failed(thrown);
			setBusy(false);
		});
	};
	return (
		<Section title="Session">
			<p class="section-about">
				This session ends when you log out, after a long time without a request, and {session.expires_at ? <DateTime at={session.expires_at} /> : "at some time"} at the
				latest. A new password ends all your others.
			</p>
			<Button icon="logout" busy={busy} onClick={leave}>
				Log out
			</Button>
		</Section>
	);
}

function Self({ session, user }: { session: Session; user: User }) {
	return (
		<div class="profile">
			<Section title="Profile">
				<Facts
					facts={[
						["E-mail address", <Name text={user.email} />],
						["Role", roleLabel(user.role)],
						["Account", <Name text={session.account.name} />],
						["Last login", user.last_login_at && <DateTime at={user.last_login_at} />],
					]}
				/>
				<p class="about section-about">{roleSentence(user.role)} An admin can change address and role.</p>
				<NameForm key={user.name ?? ""} user={user} />
			</Section>
			<Section title="Password">
				<PasswordForm email={user.email} />
			</Section>
			<Section title="Look">
				<ThemeChoice />
			</Section>
			<SignOut session={session} />
		</div>
	);
}

export default function Page() {
	const session = useSession();
	if (!session) return null;
	if (session.user && session.kind === "session") return <Self session={session} user={session.user} />;
	// A proxy may add a key to every request: then nobody is logged in.
	return (
		<Section title="Profile">
			<p>These pages were opened with {session.key ? `the API key “${session.key.name}”` : "a token"}, not with a login.</p>
			<div class="profile">
				<ThemeChoice />
			</div>
		</Section>
	);
}
