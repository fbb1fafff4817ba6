import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import type * as pulumi from "@pulumi/pulumi";
import { inside } from "../../inside.js";
import type { MonitoringScene } from "../scene.js";
import { ruleGroups } from "./index.js";
import type { RuleGroup } from "./row.js";
import type { RuleScope } from "./scope.js";

/** PrometheusRule of Prometheus Operator, `monitoring.coreos.com/v1`: an object a theme, so that one is read at a time. */
export const renderRules = (prefix: string, group: RuleGroup, namespace: pulumi.Input<string>) => ({
  apiVersion: "monitoring.coreos.com/v1",
  kind: "PrometheusRule",
  metadata: { name: `${prefix}-${group.name}`, namespace, labels: { "app.kubernetes.io/name": "prometheus" } },
  spec: { groups: [group] },
});

export interface RulesArgs extends MonitoringScene {
  /** What the cloud tells of its own parts: a query for each name. */
  readonly recorded: RuleScope["cloud"];
  /** The definitions of their kind, and who checks them. */
  readonly after: readonly pulumi.Resource[];
}

export const createRules = (name: string, args: RulesArgs, parent: pulumi.Resource): readonly CustomResource[] =>
  ruleGroups({ ...args, cloud: args.recorded }).map(
    (group) =>
      new CustomResource(`${name}-${group.name}`, renderRules(args.settings.prefix, group, args.namespace), {
        ...inside(args.cluster, parent),
        dependsOn: [...args.after],
      }),
  );
