/**
 * What a `.dockerignore` leaves of the context: paths, `*` for everything, `!` to bring back. The last line that fits
 * decides, a folder stands for all in it. Other patterns are refused, because Docker would take them and we would not.
 */
export function keptBy(ignore: string): (path: string) => boolean {
  const rules = ignore
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ path: line.replace(/^!/, ""), keeps: line.startsWith("!") }));
  for (const { path } of rules)
    if (path !== "*" && /[*?[\]\\]/.test(path))
      throw new Error(`.dockerignore: '${path}' is not understood here; expected a path, or '*' for everything`);
  return (path) => {
    const fitting = rules.filter((rule) => rule.path === "*" || path === rule.path || path.startsWith(`${rule.path}/`));
    return fitting.at(-1)?.keeps ?? true;
  };
}
