/** Choosing a role: what it may do stands below it. */
import type { Role } from "../../../api/types";
import { Select } from "../../../kit/field";
import { roleSentence, ROLE_OPTIONS } from "./words";

interface RoleFieldProps {
	role: Role;
	onChange: (role: Role) => void;
	error?: string;
	/** Why it cannot be changed. */
	locked?: string;
}

export function RoleField({ role, onChange, error, locked }: RoleFieldProps) {
	return (
		<div aria-live="polite">
			<Select
				label="Role"
				value={role}
				onChange={(value) => onChange(value as Role)}
				options={ROLE_OPTIONS}
				error={error}
				disabled={locked !== undefined}
				hint={locked ? `${roleSentence(role)} ${locked}` : roleSentence(role)}
			/>
		</div>
	);
}
