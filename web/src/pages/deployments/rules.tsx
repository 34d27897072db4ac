/** What the rules said before a deployment, as the server noted it in its metadata; nothing where no rule was asked. */
import { Badge } from "../../kit/badge";
import { Section } from "../../kit/page";
import { LongText, Name } from "../../kit/text";

export interface RuleResult {
	rule_name: string;
	rule_type: string;
	/** "report_only": it blocks nothing. */
	status: string;
	evaluation_result: string;
	error_message: string | null;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** The metadata is a sender's too: what is not of the right shape is no result. */
export function ruleResults(metadata: Record<string, unknown> | null | undefined): RuleResult[] {
	const preflight = metadata?.preflight_status;
	const list = preflight && typeof preflight === "object" ? (preflight as Record<string, unknown>).rules_evaluated : null;
	if (!Array.isArray(list)) return [];
	return list.flatMap((one: unknown) => {
		if (!one || typeof one !== "object") return [];
		const rule = one as Record<string, unknown>;
		const result = { rule_name: text(rule.rule_name), rule_type: text(rule.rule_type), status: text(rule.status), evaluation_result: text(rule.evaluation_result) };
		return result.evaluation_result ? [{ ...result, error_message: text(rule.error_message) || null }] : [];
	});
}

const LOOKS: Record<string, readonly [tone: "good" | "bad", icon: "check" | "failed"]> = { passed: ["good", "check"], failed: ["bad", "failed"] };

export function Rules({ results }: { results: readonly RuleResult[] }) {
	if (!results.length) return null;
	return (
		<Section title="Rules evaluated">
			<ul class="plain-list">
				{results.map((rule, at) => {
					const [tone, icon] = LOOKS[rule.evaluation_result] ?? (["none", "skipped"] as const);
					return (
						<li key={at}>
							<Badge tone={tone} icon={icon}>
								{rule.evaluation_result}
							</Badge>{" "}
							<Name text={rule.rule_name || rule.rule_type} />
							{rule.status === "report_only" && <span class="step-about"> reports only</span>}
							{rule.error_message && <LongText text={rule.error_message} short />}
						</li>
					);
				})}
			</ul>
		</Section>
	);
}
