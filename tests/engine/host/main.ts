import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import languageRpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import languagePb from "@pulumi/pulumi/proto/language_pb.js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import { method, type Request, servePlugin } from "../plugin.js";

/**
 * `pulumi-language-nodejs`: runs the program for the CLI as the official host does, by the SDK's own entry. The official
 * one comes with Pulumi's installer and from nowhere else.
 */

/** The exit code by which the program says that it has told the person already. */
const BAIL = 32;

/** What the host was started with, options of Pulumi.yaml among it; the last argument is the engine's address. */
const engine = process.argv.at(-1) ?? "";

async function run(request: Request): Promise<unknown> {
  const info = request.getInfo();
  const { nodeargs = "" } = (info?.getOptions()?.toJavaScript() ?? {}) as { nodeargs?: string };
  const directory: string = info?.getProgramDirectory() ?? request.getPwd();
  const sdk = createRequire(join(directory, "package.json"));
  const args = [
    ...nodeargs.split(/\s+/).filter((word) => word !== ""),
    sdk.resolve("@pulumi/pulumi/cmd/run"),
    ...["--monitor", request.getMonitorAddress()],
    ...["--engine", engine],
    ...["--organization", request.getOrganization()],
    ...["--project", request.getProject()],
    ...["--stack", request.getStack()],
    ...["--pwd", request.getPwd()],
    ...["--parallel", String(request.getParallel())],
    ...(request.getDryrun() === true ? ["--dry-run"] : []),
    info?.getEntryPoint() ?? request.getProgram(),
  ];
  const code = await exitCodeOf(args, {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().entries())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    PULUMI_NODEJS_TYPESCRIPT: "false",
  });
  const response = new languagePb.RunResponse();
  if (code === BAIL) response.setBail(true);
  else if (code !== 0) response.setError(`Program exited with non-zero exit code: ${code}`);
  return response;
}

/** What the program prints goes where the host prints: the engine reads it there. */
function exitCodeOf(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number | string> {
  const program = spawn(process.execPath, args, { env, stdio: ["ignore", "inherit", "inherit"] });
  process.on("exit", () => program.kill("SIGKILL"));
  return new Promise((resolve, reject) => {
    program.on("error", reject);
    program.on("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
}

servePlugin(languageRpc.LanguageRuntimeService, {
  handshake: method(async () => new languagePb.LanguageHandshakeResponse()),
  getPluginInfo: method(async () => {
    const info = new pluginPb.PluginInfo();
    info.setVersion("1.0.0");
    return info;
  }),
  // Every provider of this program is on PATH.
  getRequiredPackages: method(async () => new languagePb.GetRequiredPackagesResponse()),
  about: method(async () => {
    const about = new languagePb.AboutResponse();
    about.setExecutable(process.execPath);
    about.setVersion(process.version);
    return about;
  }),
  run: method(run),
  cancel: method(async () => new emptyPb.Empty()),
});
