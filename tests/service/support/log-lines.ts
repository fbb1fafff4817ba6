/** Takes what the service logs, line by line. */
export class LogLines {
  readonly raw: string[] = [];

  write(line: string): void {
    this.raw.push(line);
  }

  get all(): readonly Readonly<Record<string, unknown>>[] {
    return this.raw.map((line) => JSON.parse(line));
  }

  /** Without what every line has and no test can know. */
  get said(): readonly Readonly<Record<string, unknown>>[] {
    return this.all.map(({ time: _, service: __, version: ___, ...rest }) => rest);
  }
}
