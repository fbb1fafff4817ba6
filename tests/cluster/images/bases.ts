import { tool } from "../../tools/cache.js";
import { type Entry, program, tree } from "./entries.js";
import { folderOf, npm, skeleton } from "./parts.js";
import type { ImageRow } from "./table.js";

/** What `service/Dockerfile` stands on, in place of the images that it names. */
const python = /^usr\/(bin\/(python|pip|pydoc|pygettext|pdb|py3)|lib\/python|share\/python)/;

const common = (): readonly Entry[] => [
  ...skeleton(),
  ...tree(folderOf("userland"), (path) => path.includes("/") && !python.test(path)),
];

export const bases = {
  NODE_IMAGE: {
    references: ["localhost/node:24"],
    config: { command: ["node"] },
    layers: () => [common(), [program("usr/local/bin/node", tool("node24")), ...npm()]],
  },
  PYTHON_IMAGE: {
    references: ["localhost/python:3"],
    config: { command: ["python3"] },
    layers: () => [common(), tree(folderOf("userland"), (path) => python.test(path))],
  },
} as const satisfies Readonly<Record<string, ImageRow>>;
