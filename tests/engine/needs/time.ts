import type { Needs } from "../order.js";
import { always, of } from "./need.js";

/** A wait comes after what is waited for: on Google Cloud an API that was turned on, on Azure a role that was given. */
export const needsOfWaiting: Needs = {
  "time:index/sleep:Sleep": always(of("gcp:projects/service:Service"), of("azure-native:authorization:RoleAssignment")),
};
