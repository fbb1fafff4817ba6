import { isCareful } from "../names.js";
import { readRange } from "./addresses.js";
import { type Check, remove, set, written } from "./finding.js";

/** Below this many bits a range is a large part of the internet: nobody's office has it. */
const NARROW = 8;

export const openRanges: Check = ({ cluster, environment }, context, found) => {
  (cluster.access?.cidrs ?? []).forEach((text, index) => {
    const path = ["cluster", "access", "cidrs", index];
    const { range, what, repaired } = readRange(text);
    if (range === undefined) {
      found.problem(path, what, "an IPv4 range like 203.0.113.0/24", set(context, path, repaired ?? "203.0.113.0/24"));
      return;
    }
    if (range.bits >= NARROW || cluster.mode !== "managed") return;
    const wide = `${text} is ${range.bits === 0 ? "the whole internet" : `1/${2 ** range.bits} of the internet`}`;
    if (isCareful(environment)) {
      found.problem(path, wide, "the addresses that deploy", set(context, path, "203.0.113.0/24"));
    } else found.warning(`${written(context, path)} ${wide}`);
  });
};

/** The way in by name shuts the one by addresses. */
export const oneWayIn: Check = ({ cluster }, context, found) => {
  if (cluster.mode !== "managed" || cluster.access?.dns !== true) return;
  for (const way of ["private", "cidrs"] as const) {
    if (cluster.access[way] === undefined || cluster.access[way] === false) continue;
    const path = ["cluster", "access", way];
    found.problem(path, "said beside cluster.access.dns, which shuts it", "one way in", remove(context, path));
  }
};

export const apiServerRestricted: Check = ({ cluster, environment, cloud }, context, found) => {
  if (cluster.mode !== "managed") return;
  const { access } = cluster;
  if (access?.private === true || access?.dns === true || (access?.cidrs ?? []).length > 0) return;
  // By itself GKE answers at a name that lets nobody in but identities: production says so all the same.
  if (cloud === "gcp" && !isCareful(environment)) return;
  const what = "the API server is open to the whole internet";
  const byName = cloud === "gcp" ? ", cluster.access.dns" : "";
  if (isCareful(environment)) {
    found.problem(
      ["cluster", "access"],
      what,
      `cluster.access.cidrs${byName} or cluster.access.private in production`,
      set(context, ["cluster", "access", "cidrs", 0], "203.0.113.0/24"),
    );
  } else found.warning(`${what}: restrict it with cluster.access.cidrs or cluster.access.private`);
};

export const wayOut: Check = ({ network }, context, found) => {
  if (network.mode === "managed" && network.nat === "none" && !network.privateEndpoints) {
    found.problem(
      ["network", "nat"],
      "none, and no private endpoints: nodes could not reach the cloud's own services",
      "nat single or perZone, or private endpoints",
      set(context, ["network", "privateEndpoints"], true),
    );
  }
};
