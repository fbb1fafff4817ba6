/** A cluster by its name, which is one of the stack's region, or by `projects/P/locations/L/clusters/NAME`. */
export function clusterPlace(id: string, region: string): { readonly name: string; readonly location: string } {
  const [, location = region] = /\/(?:locations|zones)\/([^/]+)\//.exec(id) ?? [];
  return { name: id.split("/").at(-1) ?? id, location };
}
