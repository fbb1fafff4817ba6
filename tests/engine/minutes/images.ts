import type { Rows } from "./row.js";

/** For two architectures, one of them emulated. */
export const minutesOfImages: Rows = { "docker-build:index:Image": { create: 4, update: 4 } };
