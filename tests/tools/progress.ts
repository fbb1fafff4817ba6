/** On a terminal a line that moves; elsewhere a line a minute. */
export function startProgress(title: string, minutes: number) {
  const began = Date.now();
  const live = process.stderr.isTTY === true;
  let state = "";
  const show = () => {
    const line = `${title} ${clock(Date.now() - began)} of ${about(minutes)}${state === "" ? "" : `, ${state}`}`;
    process.stderr.write(live ? `\r${line.slice(0, (process.stderr.columns || 80) - 1)}\x1b[K` : `${line}\n`);
  };
  show();
  const timer = setInterval(show, live ? 1000 : 60_000);
  return {
    show: (text: string) => {
      state = text.slice(0, 60);
    },
    /** How long it took. */
    end: (): string => {
      clearInterval(timer);
      if (live) process.stderr.write("\r\x1b[K");
      return clock(Date.now() - began);
    },
  };
}

export const about = (minutes: number): string =>
  minutes < 1 ? "less than a minute" : `about ${Math.ceil(minutes)} min`;

const clock = (ms: number): string =>
  `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;
