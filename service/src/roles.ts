import { Refusal } from "./refusal.js";

/** What one process of the one image runs: `ROLE`. A role mounts its faces and workers and nothing else. */
export const roleNames = ["api", "coordinator", "agent", "gateway", "mcp", "webhook", "worker", "all"] as const;
export type RoleName = (typeof roleNames)[number];

/** Open faces (health, documents, metrics) belong to every role. */
export const faceNames = ["open", "admin", "templates", "objects", "sockets", "models"] as const;
export type FaceName = (typeof faceNames)[number];

/** `undefined`: the role's own faces are not in this version, and it does not boot. */
export const roles: { readonly [R in RoleName]: readonly FaceName[] | undefined } = {
  all: faceNames,
  api: faceNames,
  coordinator: undefined,
  agent: undefined,
  gateway: ["open", "models"],
  mcp: undefined,
  webhook: undefined,
  worker: undefined,
};

export function facesOf(role: RoleName): readonly FaceName[] {
  const faces = roles[role];
  if (faces !== undefined) return faces;
  const built = roleNames.filter((name) => roles[name] !== undefined);
  throw new Refusal(`ROLE: '${role}' is not built in this version; expected one of ${built.join(", ")}`);
}
