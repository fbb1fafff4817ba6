import { measuresOf, runsHere } from "../uses.js";
import type { Path } from "../walk.js";
import { type Check, remove, set } from "./finding.js";

/** What parts of a service's settings mean for each other. */

export const oneImage: Check = ({ services }, context, found) => {
  for (const [name, { image, build }] of Object.entries(services)) {
    if (image === undefined || build === undefined) continue;
    const path = ["services", name, "build"];
    found.problem(
      path,
      `services.${name}.image says what runs already`,
      "one of image and build",
      remove(context, path),
    );
  }
};

/** A disk is one pod's: a second one would wait for it for ever. */
export const onePodOnDisks: Check = ({ services }, context, found) => {
  for (const [name, { volumes, replicas }] of Object.entries(services)) {
    if (Object.keys(volumes).length === 0 || replicas.max === 1) continue;
    const path = ["services", name, "replicas", "max"];
    found.problem(
      path,
      `${replicas.max} pods, and services.${name}.volumes are one pod's`,
      "1, or what must outlive pods in a database or a bucket",
      set(context, path, 1),
    );
  }
};

export const mountedOnce: Check = ({ services }, context, found) => {
  for (const [name, { scratch, volumes }] of Object.entries(services)) {
    const taken = new Map([["/tmp", "/tmp of every pod"]]);
    for (const [part, folders] of Object.entries({ scratch, volumes })) {
      for (const [key, { path }] of Object.entries(folders)) {
        const at: Path = ["services", name, part, key, "path"];
        const other = taken.get(path);
        taken.set(path, `services.${name}.${part}.${key}`);
        if (other === undefined) continue;
        found.problem(at, `${path} is ${other} already`, "a folder of its own", set(context, at, `${path}/${key}`));
      }
    }
  }
};

/** Processor time and memory go on deciding: the service runs, and is not scaled as its stack says. */
export const measured: Check = ({ services, monitoring }, context, found) => {
  if (monitoring.mode !== "none" || monitoring.query !== undefined) return;
  for (const [name, service] of Object.entries(services)) {
    const [measure] = measuresOf(service.autoscaling);
    if (measure === undefined || !runsHere(service)) continue;
    const at: Path = ["monitoring", "query"];
    found.warning(
      `services.${name}.autoscaling.${measure}: nothing measures it, and processor time and memory decide alone; ${set(context, at, "http://prometheus.monitoring:9090")}`,
    );
  }
};
