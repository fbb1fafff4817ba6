/** https://www.rfc-editor.org/rfc/rfc9110#section-8.3.1 */
const TOKEN = "[!#$%&'+.^_`|~0-9A-Za-z-]+";
const PARAMETER = `[ \\t]*;[ \\t]*${TOKEN}=(?:${TOKEN}|"[ !#-\\[\\]-~]*")`;
const MEDIA_TYPE = new RegExp(`^(${TOKEN}/${TOKEN})((?:${PARAMETER})*)$`);
const MAX_LENGTH = 255;

export interface MediaType {
  /** `text/plain` */
  readonly essence: string;
  /** With its parameters. */
  readonly whole: string;
}

/** Undefined where the header is none, or more than one. */
export function mediaTypeOf(header: string): MediaType | undefined {
  const [, type, parameters = ""] = (header.length <= MAX_LENGTH && MEDIA_TYPE.exec(header.trim())) || [];
  if (type === undefined) return undefined;
  const essence = type.toLowerCase();
  return { essence, whole: essence + parameters };
}

/** `image/*` takes all of a kind. */
export const isAmong = (types: readonly string[], { essence }: MediaType): boolean =>
  types
    .map((type) => type.toLowerCase())
    .some(
      (type) => type === essence || type === "*/*" || (type.endsWith("/*") && essence.startsWith(type.slice(0, -1))),
    );
