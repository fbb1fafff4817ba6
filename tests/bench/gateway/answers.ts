/** What the upstream answers and the callers expect to see whole behind every gateway. */
export type Model = keyof typeof tokens;

export const TOKEN = " token";

/** In an answer of each model: `instant` comes at once, a stream in one piece; `paced` comes as from a real model. */
export const tokens = { instant: 20, paced: 230 } as const;

/** Long enough for 500 streams at 50 a second to be open all at once. */
export const pace = { firstTokenMs: 300, tokenMs: 50 } as const;

const countOf = (text: string): number => text.split(TOKEN).length - 1;

export const isWholeAnswer = (body: string): boolean =>
  countOf(body) === tokens.instant && body.trimEnd().endsWith("}");

export const isWholeStream = (body: string, model: Model): boolean =>
  countOf(body) === tokens[model] && /"finish_reason": ?"stop"/.test(body) && body.endsWith("data: [DONE]\n\n");
