import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { delimiter, dirname } from "node:path";
import { DockerfileError, type Instruction } from "./dockerfile.js";
import { type Build, placeIn, type Stage } from "./stage.js";

/** RUN: this machine's shell, in the stage's folder. */
export async function run(stage: Stage, { line, flags, text }: Instruction, { log }: Build): Promise<void> {
  const { mount } = flags;
  if (mount !== undefined && !mount.startsWith("type=cache,"))
    throw new DockerfileError(line, `RUN --mount=${mount}: only a cache is mounted here`);
  if (stage.user !== "root") throw new DockerfileError(line, "RUN after USER is not carried out here");
  // It would be this machine's file and not the stage's.
  const [outside] = /(?<=^|[\s"'=(])\/[\w.][\w./-]*/.exec(text) ?? [];
  if (outside !== undefined) throw new DockerfileError(line, `RUN names ${outside}: write it as seen from WORKDIR`);
  const output = openSync(log, "a");
  try {
    const child = spawn("/bin/sh", ["-c", text], {
      cwd: placeIn(stage, "."),
      env: { ...clientSettings(), ...stage.args, ...stage.env },
      stdio: ["ignore", output, output],
    });
    const code = await new Promise<number | string | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (status, signal) => resolve(status ?? signal));
    });
    if (code !== 0) throw new DockerfileError(line, `RUN ended with ${code}:\n${endOf(log)}`);
  } finally {
    closeSync(output);
  }
}

const endOf = (path: string): string => readFileSync(path, "utf8").trimEnd().split("\n").slice(-40).join("\n");

const wanted = [
  /^(PATH|HOME|TMPDIR)$/,
  /^(https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|REQUESTS_CA_BUNDLE|PIP_\w+)$/i,
  // `npm run` sets many more, and some of them, such as the workspace, would be obeyed by the npm of a stage.
  /^npm_config_(cache|registry|userconfig|globalconfig|cafile)$/i,
];

/** How this machine's npm and pip reach their registries, and nothing else that could change what they do. */
function clientSettings(): Readonly<Record<string, string | undefined>> {
  const settings = Object.entries(process.env).filter(([name]) => wanted.some((pattern) => pattern.test(name)));
  return { ...Object.fromEntries(settings), PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter) };
}
