/** What the service counts of its calls, as Prometheus reads it: by series. */
export type Figures = ReadonlyMap<string, number>;

export const figuresOf = (scrape: string): Figures =>
  new Map([...scrape.matchAll(/^(llm_\w+\{.*\}) (\S+)$/gm)].map(([, series = "", value]) => [series, Number(value)]));

/** Those that have grown, by how much. */
export const grownSince = (before: Figures, after: Figures): Figures =>
  new Map(
    [...after].flatMap(([series, value]) => {
      const more = value - (before.get(series) ?? 0);
      return more === 0 ? [] : [[series, more]];
    }),
  );

/** How many attempts ended in which way. */
export function outcomesOf(grown: Figures): Readonly<Record<string, number>> {
  const outcomes: Record<string, number> = {};
  for (const [series, count] of grown) {
    const [, outcome] = /^llm_attempts_total\{.*outcome="(\w+)"/.exec(series) ?? [];
    if (outcome !== undefined) outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
  }
  return outcomes;
}

/** The whole answer has no more, estimated by its length; what has more goes on without end. */
const MOST = 6;

/** `11 + 4`, question and answer, of each provider that took some; `about` where it did not say how many. */
export function usageOf(grown: Figures, providers: readonly string[]): Readonly<Record<string, string>> {
  const usage: Record<string, string> = {};
  for (const provider of providers) {
    const sum = (metric: string, label = "") =>
      [...grown].reduce((all, [series, count]) => {
        const [name, labels = ""] = series.split("{");
        return name === metric && labels.includes(`provider="${provider}"`) && labels.includes(label)
          ? all + count
          : all;
      }, 0);
    const question = sum("llm_tokens_total", 'direction="input"');
    const answer = sum("llm_tokens_total", 'direction="output"');
    const estimated = sum("llm_usage_estimated_total");
    if (question + answer + estimated > 0)
      usage[provider] = `${"about ".repeat(estimated)}${question} + ${answer > MOST ? "more" : answer}`;
  }
  return usage;
}
