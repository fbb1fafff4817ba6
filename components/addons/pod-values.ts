import type { Image } from "../../config/versions.js";
import { repositoryOf } from "../image.js";

/** An image as most charts take it. */
export const imageValues = (image: Image, mirror: string | undefined) => ({
  repository: repositoryOf(image, mirror),
  tag: image.tag,
  pullPolicy: "IfNotPresent",
});

/** An image as charts take it that want the registry by itself. */
export function registryValues(image: Image, mirror: string | undefined) {
  const whole = repositoryOf(image, mirror);
  const end = whole.indexOf("/");
  return { registry: whole.slice(0, end), repository: whole.slice(end + 1), tag: image.tag };
}

/** What a pod asks for is what it gets; only of processor time may it have more while there is some. */
export const resourceValues = (cpu: string, memory: string) => ({
  requests: { cpu, memory, "ephemeral-storage": "128Mi" },
  limits: { memory, "ephemeral-storage": "128Mi" },
});
