/** What every pod of a service is held to, whoever made its image. */

/** Of a pod: no root, files of its group, and the system calls that a container needs and no others. */
export const hardenedPod = (uid: number) => ({
  automountServiceAccountToken: false,
  // Else each Service of the namespace becomes a dozen environment variables.
  enableServiceLinks: false,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: uid,
    runAsGroup: uid,
    fsGroup: uid,
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  },
});

/** Of a container: it writes to what is mounted for that, and gets no more rights than it began with. */
export const hardenedContainer = {
  securityContext: {
    allowPrivilegeEscalation: false,
    privileged: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
};
