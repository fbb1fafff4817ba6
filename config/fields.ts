import z from "./zod.cjs";

/**
 * What values of settings are made of. A `meta({ example })` is the value that a repair command proposes, `expected` what
 * an error asks for, and `most` the number of characters that the pattern allows.
 */

export const whole = (min: number, max: number) => z.number().int().min(min).max(max);
export const amount = (min: number, max: number) => z.number().min(min).max(max);
export const text = (pattern: RegExp, expected: string, example: string, most?: number) =>
  z
    .string()
    .regex(pattern, expected)
    .meta({ example, expected, ...(most === undefined ? {} : { most }) });
export const oneOf = <const T extends readonly [string, ...string[]]>(values: T) => z.enum(values);

export const range = (example: string) =>
  text(/^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/, "an IPv4 range in CIDR form", example);
export const dnsLabel = text(
  /^(?!.*--)[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/,
  "1 to 40 lower-case letters, digits and single hyphens, beginning with a letter",
  "main",
  40,
);
export const stackName = text(
  /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+)?$/,
  "a stack: NAME, or ORGANIZATION/PROJECT/NAME",
  "acme/agent-platform/prod",
);
const hour = "([01][0-9]|2[0-3]):[0-5][0-9]";
export const dailyWindow = text(new RegExp(`^${hour}-${hour}$`), "a daily window in UTC, HH:MM-HH:MM", "03:00-04:00");
export const weeklyWindow = text(
  new RegExp(`^(Mon|Tue|Wed|Thu|Fri|Sat|Sun):${hour}-${hour}$`),
  "a weekly window in UTC, Day:HH:MM-HH:MM",
  "Sun:04:30-05:30",
);
export const secretName = text(
  /^[A-Z][A-Z0-9_]{0,62}$/,
  "the name of a secret: capital letters, digits and underscores",
  "OPENAI_API_KEY",
  63,
).meta({ names: "secret" });
export const hostName = text(
  /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
  "a host name of lower-case labels with dots between them",
  "agents.example.com",
  253,
);
export const nonEmpty = (example: string) =>
  text(/^[^\s\p{C}]([^\p{C}]*[^\s\p{C}])?$/u, "a text that is not empty", example, 1000).max(1000);
export const path = text(/^\/[^\s?#]{0,254}$/, "a path that begins with /", "/health", 255);
export const certificate = text(
  /^\s*(-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/,
  "a certificate, or several, as PEM",
  "-----BEGIN CERTIFICATE----- MIIB -----END CERTIFICATE-----",
);
export const label = text(
  /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/,
  "at most 63 letters, digits, -, _ and ., beginning and ending with a letter or digit",
  "apps",
  63,
);
export const labelKey = text(
  /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/,
  "letters, digits, -, _ and ., with an optional domain and / in front",
  "workload",
);

/** A thing that exists: its id, or the output of another stack that holds the id. */
const fromStack = z.strictObject({
  fromStack: stackName.describe("The stack that has it as an output."),
  output: nonEmpty("network.id").optional().describe("Which output, as a path; the default is the setting's own path."),
});
export const ref = (example: string) => z.union([nonEmpty(example), fromStack]);
export const refs = (example: string) => z.union([z.array(nonEmpty(example)).min(1), fromStack]);
export const partFromStack = stackName
  .optional()
  .describe("A stack of this program that has the part: it fills every id that is not given here.");
