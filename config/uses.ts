const parts = { database: "databases", cache: "caches", bucket: "buckets" } as const;
/** `database:analytics` -> the part and the key that it means. */
export function partUsed(use: string): { readonly part: "databases" | "caches" | "buckets"; readonly key: string } {
  const [kind, key = "main"] = use.split(":");
  return { part: parts[kind as keyof typeof parts], key };
}
