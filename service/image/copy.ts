import { cpSync, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { DockerfileError, type Instruction, words } from "./dockerfile.js";
import { type Build, expanded, placeIn, type Stage } from "./stage.js";

/** COPY: of a folder its content goes into the destination, of a file the file itself. */
export function copy(stage: Stage, { line, flags, text }: Instruction, { stages, context, keeps }: Build): void {
  const paths = words(expanded(stage, line, text));
  const sources = paths.slice(0, -1);
  const destination = paths.at(-1);
  if (destination === undefined || sources.length === 0)
    throw new DockerfileError(line, `COPY ${text}: expected what to copy, then where to`);
  if (sources.length > 1 && !destination.endsWith("/"))
    throw new DockerfileError(line, `COPY ${text}: several files go into a folder, whose name ends with '/'`);
  const name = flags["from"];
  const from = stages.find((each) => each.name === name);
  if (name !== undefined && from === undefined)
    throw new DockerfileError(line, `COPY --from=${name}: no stage before it has that name`);
  const kept = (path: string) => from !== undefined || keeps(relative(context, path).split(sep).join("/"));
  for (const source of sources) {
    const path = join(from?.root ?? context, posix.resolve("/", source));
    if (!existsSync(path) || !kept(path))
      throw new DockerfileError(line, `COPY ${source}: there is no such file, or .dockerignore leaves it out`);
    const intoFolder = destination.endsWith("/") && !statSync(path).isDirectory();
    const place = placeIn(stage, intoFolder ? posix.join(destination, posix.basename(source)) : destination);
    mkdirSync(dirname(place), { recursive: true });
    cpSync(path, place, { recursive: true, verbatimSymlinks: true, filter: kept });
  }
}
