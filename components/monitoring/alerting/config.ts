import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Receivers } from "../../../config/monitoring/receivers.js";
import { renderInhibitions } from "./inhibition.js";
import { renderNotifiers } from "./notifiers.js";
import { NOBODY, renderMuteTimes, renderRoute } from "./routes.js";

/** The files that Alertmanager is configured by, and where it finds what they name. */

export const CONFIG_FILE = "alertmanager.yaml";
/** The other keys of the Secret that the configuration is in, as the operator mounts them. */
const CONFIG_FOLDER = "/etc/alertmanager/config";
/** A folder for each Secret that the operator is told to mount, under its name. */
const SECRETS_FOLDER = "/etc/alertmanager/secrets";

/** Texts of messages, by their file names. */
export const messageFiles: Readonly<Record<string, string>> = {
  "messages.tmpl": readFileSync(join(import.meta.dirname, "messages.tmpl"), "utf8"),
};

export interface Folders {
  /** Of the message files. @default where the operator mounts them */
  readonly config?: string;
  /** Of the files with secrets, each under the secret's name. */
  readonly secrets: string;
}

/** Where the operator mounts a Secret. */
export const mountOf = (secretName: string): string => `${SECRETS_FOLDER}/${secretName}`;

/** The configuration as text. Whatever is secret is in files that it names: the text may be read by anybody. */
export const renderAlertmanagerConfig = (receivers: Receivers, { config = CONFIG_FOLDER, secrets }: Folders): string =>
  stringify(
    {
      templates: [`${config}/*.tmpl`],
      route: renderRoute(receivers),
      receivers: [{ name: NOBODY }, ...renderNotifiers(receivers, (secret) => `${secrets}/${secret}`)],
      inhibit_rules: renderInhibitions(),
      time_intervals: renderMuteTimes(receivers),
    },
    // Alertmanager's own reader takes 22:00 for what it is; others take it for a number unless it has quotes.
    { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false },
  );
