import { alertsOf, type RuleScope } from "./scope.js";

interface Texts {
  readonly summary: string;
  readonly description: string;
}

/** A page for each alert's name, which says what to look at and do. */
export const runbookOf = (alert: string): string => `docs/runbooks/${alert}.md`;

/** Where people look at Grafana, if that is known; a port that somebody forwards is nobody else's. */
function grafanaOf({ watching }: RuleScope): string | undefined {
  if (watching.mode === "existing") return watching.grafanaUrl?.replace(/\/$/, "");
  const { host } = watching.grafana;
  return host === undefined ? undefined : `https://${host}`;
}

export function annotationsOf(alert: string, { summary, description }: Texts, scope: RuleScope, dashboard: string) {
  const { runbooks } = alertsOf(scope);
  const page = runbooks === undefined ? runbookOf(alert) : `${runbooks}${alert}.md`;
  const grafana = grafanaOf(scope);
  return {
    summary,
    description,
    // The name that Alertmanager's own templates and Grafana look for is for addresses alone.
    [runbooks === undefined ? "runbook" : "runbook_url"]: page,
    ...(grafana === undefined ? {} : { dashboard_url: `${grafana}/d/${dashboard}` }),
  };
}
