import type { Props } from "./serve.js";

const SIG = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

const isMap = (value: unknown): value is Props => typeof value === "object" && value !== null && !Array.isArray(value);
const isSecret = (value: unknown): value is Props => isMap(value) && value[SIG] === SECRET;

/** A value as the engine sends it to whoever takes secrets -> a plain one. */
export function opened(value: unknown): unknown {
  if (isSecret(value)) return opened(value["value"]);
  if (Array.isArray(value)) return value.map(opened);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, opened(inner)]));
}

/**
 * What the engine does with the answers of a provider that takes no secrets: what was secret in the inputs is so again
 * in outputs of the same name. In a list that holds one, all is.
 */
export function sealed(answer: Props, sent: Props): Props {
  return Object.fromEntries(
    Object.entries(answer).map(([key, value]) => {
      const given = sent[key];
      if (isMap(value) && isMap(given) && !isSecret(given)) return [key, sealed(value, given)];
      return [key, holdsSecret(given) ? { [SIG]: SECRET, value } : value];
    }),
  );
}

function holdsSecret(value: unknown): boolean {
  if (isSecret(value)) return true;
  if (Array.isArray(value)) return value.some(holdsSecret);
  return isMap(value) && Object.values(value).some(holdsSecret);
}
