import { formatPath, isTree, type Path } from "./walk.js";

/** How an error shows what a person wrote: on one line, cut, with nothing invisible in it. */

export const MOST_SHOWN = 60;
const cut = (text: string): string => {
  const letters = [...text];
  return letters.length > MOST_SHOWN ? `${letters.slice(0, MOST_SHOWN).join("")}...` : text;
};
/** Characters that would not show, or that would turn the line around, spelled out. */
const visible = (text: string): string =>
  text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);

export function show(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (isTree(value)) return "a map";
  if (value === undefined) return "missing";
  if (typeof value === "number") return String(value);
  return cut(visible(JSON.stringify(value) ?? String(value)));
}

/** A name as a sentence may hold it. */
export const shownName = (name: string): string => cut(visible(name));
/** A setting's name as a sentence may hold it, without the namespace. */
export const shortKey = (path: Path): string =>
  formatPath(path.map((key) => (typeof key === "number" ? key : shownName(key))));
