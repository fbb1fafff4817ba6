/** A map with the same keys and other values. */
export const mapValues = <In, Out>(
  map: Readonly<Record<string, In>>,
  make: (value: In, key: string) => Out,
): Record<string, Out> => Object.fromEntries(Object.entries(map).map(([key, value]) => [key, make(value, key)]));

export const filterValues = <T>(
  map: Readonly<Record<string, T>>,
  keep: (value: NoInfer<T>) => boolean,
): Readonly<Record<string, T>> => Object.fromEntries(Object.entries(map).filter(([, value]) => keep(value)));
