import { Store } from "../cloud/store.js";
import { serve } from "../serve.js";
import { observed } from "./observed.js";
import { KubernetesStandIn } from "./provider.js";

/** `main.ts <version>`, as the engine's plugin for Kubernetes. */
const [version = "0.0.0"] = process.argv.slice(2);
const { STANDIN_CLOUD: directory, STANDIN_MINUTE_MS: minute = "30" } = process.env;
/** On a real node things take their real time, and what is not there is played as fast as elsewhere. */
const { STANDIN_WAIT_MINUTE_MS: waiting = minute } = process.env;
const minuteMs = Number(minute);
const standIn = new KubernetesStandIn(Number(waiting), process.env, minuteMs);

serve(
  version,
  directory === undefined
    ? standIn
    : observed(standIn, { store: new Store(directory), minuteMs, crash: () => process.exit(137) }),
);
