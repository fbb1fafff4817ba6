import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Leak {
  readonly where: string;
  readonly word: string;
  readonly how: "plain" | "base64";
}

/** Where planted words can be read in a text, as they are or inside whatever somebody encoded as base64. */
export function leaksIn(where: string, text: string, words: readonly string[]): readonly Leak[] {
  return words.flatMap((word): Leak[] => [
    ...(text.includes(word) ? [{ where, word, how: "plain" } as const] : []),
    ...(encodings(word).some((one) => text.includes(one)) ? [{ where, word, how: "base64" } as const] : []),
  ]);
}

/** What a word becomes inside a longer text: it depends on how many letters stand before it, modulo three. */
function encodings(word: string): readonly string[] {
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.from(`${"\0".repeat(before)}${word}`).toString("base64");
    // The letters at the edges depend on the neighbours.
    return encoded.replace(/=+$/, "").slice(Math.ceil((before * 8) / 6), -1);
  });
}

/** The same over every file below a folder; links are not followed. */
export function leaksUnder(folder: string, words: readonly string[], except: readonly string[] = []): readonly Leak[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): readonly Leak[] => {
    const path = join(folder, entry.name);
    if (except.includes(path)) return [];
    if (entry.isDirectory()) return leaksUnder(path, words, except);
    return entry.isFile() ? leaksIn(path, readFileSync(path, "latin1"), words) : [];
  });
}

/** The same over what a stack leaves on disk, and over texts from elsewhere. */
export function leaksOf(
  { folder, cloud }: { readonly folder: string; readonly cloud: string },
  texts: readonly { readonly where: string; readonly text: string }[],
  words: readonly string[],
): readonly Leak[] {
  // The cloud keeps secrets for its customers; that is what it is for.
  const files = leaksUnder(folder, words, [cloud, join(folder, "bin")]);
  return [...files, ...texts.flatMap(({ where, text }) => leaksIn(where, text, words))];
}
