/** What `OTEL_TRACES_SAMPLER` may say, in OpenTelemetry's own words: which traces are sent. */
interface Sampler {
  /** Whether the decision of a caller holds, whose trace this is a part of. */
  readonly heedsCaller: boolean;
  /** Of the others; `OTEL_TRACES_SAMPLER_ARG` says it where it is not said here. */
  readonly ratio?: number;
}

export const samplers = {
  always_on: { heedsCaller: false, ratio: 1 },
  always_off: { heedsCaller: false, ratio: 0 },
  traceidratio: { heedsCaller: false },
  parentbased_always_on: { heedsCaller: true, ratio: 1 },
  parentbased_always_off: { heedsCaller: true, ratio: 0 },
  parentbased_traceidratio: { heedsCaller: true },
} as const satisfies Readonly<Record<string, Sampler>>;

export type SamplerName = keyof typeof samplers;
export const samplerNames = Object.keys(samplers) as [SamplerName, ...SamplerName[]];

export const samplerOf = (name: SamplerName): Sampler => samplers[name];
