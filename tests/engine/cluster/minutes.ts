/** How long things take in a real cluster, in minutes, as far as it is not the work of a real controller here. */
export const minutes = {
  /** From a pod's node to a pod that is ready: the image, the volume, the probes. */
  podStart: 0.5,
  podEnd: 0.2,
  /** What a pod of a Job works. */
  jobRun: 1,
  nodeReady: 0.5,
  volume: 0.3,
  address: 2,
  addressRelease: 1,
  /** The operator's own start of a database, before its pods. */
  databaseSetUp: 1,
  databaseReady: 1,
  secretSync: 0.2,
  /** Gateways, their routes and policies: a controller writes down that it has read them. */
  gateway: 0.2,
  issuer: 0.2,
  certificate: 0.5,
  scaling: 0.2,
} as const;
