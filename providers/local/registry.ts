import * as pulumi from "@pulumi/pulumi";
import type { RegistrySettings } from "../../config/schema.js";
import type { Registry } from "../contract.js";
import { refuse } from "../support.js";

/** A registry that somebody else runs, or none: images are then on the nodes already, by the service's bare name. */
export function localRegistry(settings: RegistrySettings): Registry {
  if (settings.mode === "managed") return refuse("local", "registry.managed");
  const url = settings.mode === "existing" ? settings.url : "";
  return {
    url: pulumi.output(url),
    repository: (service) => pulumi.output(url === "" ? service : `${url}/${service}`),
  };
}
