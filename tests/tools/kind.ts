/** A program that `npm run tools` brings; the files of its kind say how. */
export interface Tool {
  readonly kind: "go" | "python" | "debian" | "npm";
  /** On two cores, from nothing. */
  readonly minutes: number;
  version(): string;
  /** Its folder in the cache, whether it is there or not. */
  folder(): string;
  /** The program itself. */
  path(): string;
  here(): boolean;
  /** What this machine must have and has not, in one sentence. */
  lacks(): string | undefined;
  /** `show` takes a few words on how far it is. */
  bring(show: (state: string) => void): Promise<void>;
}
