/** Names for the shapes that pages use. They come from the API's description; `npm run check` makes them. */
import type { components } from "api-types";

type Schemas = components["schemas"];
export type Deployment = Schemas["DeploymentList"]["items"][number];
export type Build = Schemas["BuildList"]["items"][number];
export type Version = Schemas["VersionList"]["items"][number];
export type Product = Schemas["ProductList"]["items"][number];
export type Environment = Schemas["EnvironmentList"]["items"][number];
export type ApiEvent = Schemas["EventList"]["items"][number];
export type Matrix = Schemas["Matrix"];
export type MatrixDiff = Schemas["MatrixDiff"];
export type DeploymentWithTimeline = Schemas["DeploymentWithTimeline"];
export type VersionWithUses = Schemas["VersionWithUses"];
export type ProductWithCells = Schemas["ProductWithCells"];
export type NotificationBrief = Schemas["NotificationBrief"];
export type Channel = Schemas["Channel"];
export type ChannelWithDeliveries = Schemas["ChannelWithDeliveries"];
export type ChannelType = Schemas["ChannelType"];
export type ChannelTest = Schemas["ChannelTest"];
export type Preference = Schemas["Preference"];
export type Notification = Schemas["Notification"];
export type NotificationWithAttempts = Schemas["NotificationWithAttempts"];
export type Cell = Schemas["Cell"];
export type EventType = Schemas["EventType"];
export type State = Schemas["State"];
export type EnvironmentType = Schemas["EnvironmentType"];

/** What a person or a key may do: the words of GET /session. */
export type Permission =
	| "read"
	| "events"
	| "catalog.write"
	| "environment.write"
	| "request.write"
	| "rule.write"
	| "variable.write"
	| "slot.approve"
	| "version.approve"
	| "integration.write"
	| "key.write"
	| "user.write"
	| "token.own";

export type Role = Schemas["Role"];
export type Scope = Schemas["Scope"];
export type PasswordLink = Schemas["PasswordLink"];
export type NewUser = Schemas["NewUser"];
export type ApiKey = Schemas["ApiKey"];
export type NewApiKey = Schemas["NewApiKey"];
export type PersonalToken = Schemas["PersonalToken"];
export type NewPersonalToken = Schemas["NewPersonalToken"];
export type AuditEntry = Schemas["AuditEntry"];

export interface User {
	id: string;
	email: string;
	name: string | null;
	role: Role;
	active: boolean;
	has_password: boolean;
	created_at: string;
	last_login_at: string | null;
}

export interface Session {
	kind: "session" | "token" | "api_key";
	account: { slug: string; name: string };
	user: User | null;
	key: { id: string; name: string; scopes: string[] } | null;
	permissions: string[];
	csrf_token: string | null;
	expires_at: string | null;
}
