/** One's own new password. */
import { useState } from "preact/hooks";
import { call } from "../../../api/client";
import { ApiError } from "../../../api/error";
import type { Session } from "../../../api/types";
import { enter } from "../../../app/session";
import { Form } from "../../../kit/form";
import { toast } from "../../../kit/toast";
import { PasswordField } from "../../login/password_field";
import { isPossible, passwordHint } from "../../login/password_words";

export function PasswordForm({ email }: { email: string }) {
	const [current, setCurrent] = useState("");
	const [password, setPassword] = useState("");
	const [again, setAgain] = useState("");
	const submit = async () => {
		if (password !== again) throw new ApiError(422, "", null, [{ field: "again", message: "This is not the same password." }]);
		enter(await call<Session>("PATCH", "/session", { body: { current_password: current, password } }));
		for (const set of [setCurrent, setPassword, setAgain]) set("");
		toast.done("The password was changed. Your other sessions have ended.");
	};
	return (
		<Form onSubmit={submit} action="Change password" fields={["current_password", "password", "again"]} disabled={!isPossible(password) || !current}>
			{(errorOf) => (
				<>
					{/* Tells a password manager whose password it is. */}
					<span class="visually-hidden" aria-hidden="true">
						<input type="email" autocomplete="username" value={email} readOnly tabIndex={-1} />
					</span>
					<PasswordField label="Current password" autocomplete="current-password" value={current} onInput={setCurrent} error={errorOf("current_password")} />
					<PasswordField label="New password" autocomplete="new-password" value={password} onInput={setPassword} error={errorOf("password")} hint={passwordHint(password)} />
					<PasswordField label="The new one again" autocomplete="new-password" value={again} onInput={setAgain} error={errorOf("again")} />
				</>
			)}
		</Form>
	);
}
