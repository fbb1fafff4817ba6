import * as pulumi from "@pulumi/pulumi";
import type { NetworkSettings } from "../../config/schema.js";
import type { Network } from "../contract.js";
import { refuse } from "../support.js";

/** The cluster's own network: nothing is made and nothing is known of it. */
export function localNetwork({ mode }: NetworkSettings): Network {
  if (mode !== "none") return refuse("local", `network.${mode}`);
  const none = pulumi.output<string[]>([]);
  return {
    id: pulumi.output(""),
    subnets: { public: none, private: none, data: none },
    clientCidrs: [],
    dataCidrs: none,
  };
}
