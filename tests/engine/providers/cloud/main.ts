import { type StandIn, serve } from "../serve.js";
import { ImageStandIn } from "./images.js";
import { packages } from "./packages.js";
import { RandomStandIn } from "./random.js";
import { CloudStandIn } from "./standin.js";
import { Store } from "./store.js";
import { TimeStandIn } from "./time.js";

/** `main.ts <package> <version>`, as the engine's plugin of that name. */
const [name = "", version = "0.0.0"] = process.argv.slice(2);
const {
  STANDIN_CLOUD: directory,
  STANDIN_MINUTE_MS: minute = "30",
  STANDIN_PLANT: plant = "",
  STANDIN_KUBE_ENDPOINT: endpoint,
  STANDIN_KUBE_CA: ca,
} = process.env;

serve(version, standInFor(name));

function standInFor(name: string): StandIn {
  if (directory === undefined) throw new Error("STANDIN_CLOUD says no folder");
  const store = new Store(directory);
  if (name === "random") return new RandomStandIn({ store, plant });
  if (name === "time") return new TimeStandIn({ store, minuteMs: Number(minute) });
  if (name === "docker-build") return new ImageStandIn({ store, minuteMs: Number(minute) });
  const rows = packages[name];
  if (rows === undefined) throw new Error(`there is no stand-in for package ${name}`);
  return new CloudStandIn(name, rows, {
    store,
    minuteMs: Number(minute),
    ...(endpoint === undefined || ca === undefined ? {} : { kubernetes: { endpoint, ca } }),
    crash: () => process.exit(137),
  });
}
