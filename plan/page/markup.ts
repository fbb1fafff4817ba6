/** Text that is HTML already. Only `html` makes it, so nothing gets into a page that was not escaped. */
export class Html {
  // Private, so that no other text passes for it.
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

export type Content = Html | string | number | readonly Content[];

/** A piece of a page. What is put in is escaped, unless it came from here. */
export const html = (texts: TemplateStringsArray, ...contents: readonly Content[]): Html =>
  new Html(texts.reduce((done, text, index) => done + render(contents[index - 1] ?? "") + text));

const render = (content: Content): string =>
  content instanceof Html
    ? content.toString()
    : typeof content === "string" || typeof content === "number"
      ? escaped(String(content))
      : content.map(render).join("");

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
