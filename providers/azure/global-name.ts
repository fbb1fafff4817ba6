interface Rule {
  /** The longest name that the service takes. */
  readonly max: number;
  readonly hyphens: boolean;
}

/** Services whose names the whole world shares, and which take less than Pulumi would make up. */
export const globalNames = {
  registry: { max: 50, hyphens: false },
  storageAccount: { max: 24, hyphens: false },
  vault: { max: 24, hyphens: true },
} as const satisfies Readonly<Record<string, Rule>>;

/** A name for one of them: as much of the stem as there is room for, and an end that is chance. */
export function globalName(service: keyof typeof globalNames, stem: string, chance: string): string {
  const { max, hyphens } = globalNames[service];
  const end = hyphens ? `-${chance}` : chance;
  const letters = hyphens ? stem : stem.replaceAll("-", "");
  return letters.slice(0, max - end.length).replace(/-+$/, "") + end;
}
