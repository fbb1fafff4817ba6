import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import { kubeconfigOf } from "../kubeconfig.js";

/** Asks the AWS CLI for a token each time: no credentials are in it. */
export function kubeconfigFor(
  name: pulumi.Output<string>,
  server: pulumi.Output<string>,
  ca: pulumi.Output<string>,
  { region }: Settings,
): pulumi.Output<string> {
  const args = ["eks", "get-token", "--cluster-name", name, "--region", region, "--output", "json"];
  return kubeconfigOf({ name, server, ca, exec: { command: "aws", args } });
}
