import type { Needs } from "../order.js";
import { needsOnAws } from "./aws.js";
import { needsOnAzure } from "./azure.js";
import { needsOnGcp } from "./gcp.js";
import { needsInCluster } from "./kubernetes.js";
import { needsOfWaiting } from "./time.js";

/** What the clouds themselves demand, told by hand and not read off the program: the order is measured against it. */
export const needs: Needs = { ...needsOnAws, ...needsOnGcp, ...needsOnAzure, ...needsInCluster, ...needsOfWaiting };
