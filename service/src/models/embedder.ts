/**
 * Vectors without a model: texts that share words, or parts of words, are near each other. The same text has the same
 * vector on every platform and in every release, so that what was stored by one is found by the next.
 */

export const DEFAULT_DIMENSIONS = 256;
export const MAX_DIMENSIONS = 1024;

/** A part of a word says less than the word. */
const WORD = 1;
const PAIR = 0.5;
const PART = 0.3;

export function embed(text: string, dimensions: number = DEFAULT_DIMENSIONS): readonly number[] {
  const vector = new Array<number>(dimensions).fill(0);
  for (const [feature, weight] of featuresOf(text)) {
    const hash = hashOf(feature);
    const at = (hash >>> 1) % dimensions;
    // The sign keeps features apart that share a place: what they add there does not pile up.
    vector[at] = (vector[at] ?? 0) + (hash & 1 ? weight : -weight);
  }
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  // Nothing, or what took itself away, lies somewhere too: a vector of zeros is near nothing and can't be compared.
  return length === 0 ? vector.map((_, at) => (at === 0 ? 1 : 0)) : vector.map((value) => value / length);
}

/** Words, pairs of words, and letters of words by three; each counts by the root of how often it is there. */
function featuresOf(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, { readonly weight: number; times: number }>();
  const add = (feature: string, weight: number) => {
    const found = counts.get(feature);
    if (found === undefined) counts.set(feature, { weight, times: 1 });
    else found.times += 1;
  };
  const plain = text.normalize("NFKC").toLowerCase();
  const words = plain.match(/[\p{L}\p{M}\p{N}]+/gu) ?? plain.split(/\s+/).filter((word) => word !== "");
  for (const [at, word] of words.entries()) {
    add(`w ${word}`, WORD);
    const next = words[at + 1];
    if (next !== undefined) add(`p ${word} ${next}`, PAIR);
    const letters = [..." ", ...word, " "];
    for (let from = 0; from + 3 <= letters.length; from += 1) add(`l ${letters.slice(from, from + 3).join("")}`, PART);
  }
  return new Map([...counts].map(([feature, { weight, times }]) => [feature, weight * Math.sqrt(times)]));
}

/** FNV-1a, mixed once more: its last bits alone would put alike words in places alike. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
