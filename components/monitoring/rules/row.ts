import type { Severity } from "../../../config/monitoring/receivers.js";
import type { RuleScope } from "./scope.js";

/** An alert. Its name and how bad it is are its key in the table: `HighErrorRate/critical`. */
export interface AlertRow {
  /** A label that it has is one that somebody can be told of: a service, a database, a pod. */
  readonly expr: (scope: RuleScope) => string;
  /** How long it must be so. @default at once */
  readonly for?: string | ((scope: RuleScope) => string);
  readonly summary: string;
  /** With the value and whose it is. */
  readonly description: string;
  /** Where a stack says what it begins at: keys of `monitoring.alerts`, or of a service. @default nowhere: it is a yes or a no */
  readonly setting?: string;
  /** Whether the stack has what it is about. @default always */
  readonly when?: (scope: RuleScope) => boolean;
}

export type AlertId = `${string}/${Severity}`;
export type AlertTable = Readonly<Record<AlertId, AlertRow>>;

/** What Prometheus evaluates: one of both kinds. */
export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}
export type Rule = AlertingRule | RecordingRule;

export interface RuleGroup {
  readonly name: string;
  /** Where it matters how often; as often as Prometheus does by itself otherwise. */
  readonly interval?: string;
  readonly rules: readonly Rule[];
}
