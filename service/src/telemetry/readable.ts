/** A line of the log for a person at a terminal: `12:00:01.234  warn   the sentence  key=value`, stacks below it. */
export function readable(line: string): string {
  const { level, time, msg, err, service: _, version: __, ...fields } = JSON.parse(line) as Line;
  const shown = Object.entries(err?.stack === undefined ? { ...fields, err } : fields).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${typeof value === "string" ? value : JSON.stringify(value)}`],
  );
  const said = [time.slice(11, 23), level.padEnd(5), msg, shown.join(" ")].filter((part) => part !== "");
  const below = stacksOf(err).flatMap((stack) => stack.split("\n").map((frame) => `    ${printable(frame)}`));
  return `${[printable(said.join("  ")), ...below].join("\n")}\n`;
}

interface Line {
  readonly level: string;
  readonly time: string;
  readonly msg: string;
  readonly service: string;
  readonly version: string;
  readonly err?: PlainError;
}

interface PlainError {
  readonly stack?: string;
  readonly cause?: PlainError;
}

const stacksOf = (error: PlainError | undefined): readonly string[] =>
  error?.stack === undefined ? [] : [error.stack, ...stacksOf(error.cause).map((stack) => `caused by ${stack}`)];

/** What a stranger sent must not move the cursor, colour the screen, turn the text around or look like another line. */
const printable = (text: string): string =>
  text.replaceAll(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
