import { type Change, differing, type Props, UNKNOWN } from "../serve.js";
import { activeCluster, readKubeconfig } from "./kubeconfig.js";
import type { Mutability } from "./replaces.js";

/** The provider's own settings. Booleans come as the texts `true` and `false`, or in the environment. */
export interface Settings extends Mutability {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly namespace: string | undefined;
  readonly deleteUnreachable: boolean;
}

export function settingsFrom(props: Props, env: NodeJS.ProcessEnv): Settings {
  const text = (key: string): string | undefined => {
    const value = props[key];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const flag = (key: string, variable: string): boolean => String(props[key] ?? env[variable]) === "true";
  return {
    kubeconfig: text("kubeconfig"),
    context: text("context"),
    namespace: text("namespace"),
    deleteUnreachable: flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
    enableConfigMapMutable: flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
    enableSecretMutable: flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
  };
}

/**
 * A provider that is replaced takes every object along. With `clusterIdentifier` only a change of it does that;
 * without, another active cluster in the kubeconfig does, and so does one that is not known yet.
 */
export function differenceOf(olds: Props, news: Props): Change {
  const changed = differing(olds, news);
  return { changed, replaces: isElsewhere(olds, news, changed) ? changed : [] };
}

const naming = ["kubeconfig", "context", "cluster"];

function isElsewhere(olds: Props, news: Props, changed: readonly string[]): boolean {
  const [before, now] = [olds["clusterIdentifier"], news["clusterIdentifier"]];
  if (before !== undefined && now !== undefined) return before !== now;
  if (now !== undefined || !changed.some((key) => naming.includes(key))) return false;
  if (naming.some((key) => news[key] === UNKNOWN)) return true;
  const [one, other] = [olds, news].map(clusterIn);
  return one !== undefined && other !== undefined && JSON.stringify(one) !== JSON.stringify(other);
}

function clusterIn({ kubeconfig, context }: Props) {
  if (typeof kubeconfig !== "string") return undefined;
  try {
    return activeCluster(readKubeconfig(kubeconfig).text, context as string | undefined);
  } catch {
    return undefined;
  }
}
