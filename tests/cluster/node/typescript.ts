/** What Node is started with for a program that is TypeScript, wherever it is started from. */
export const typescript = (program: string): readonly string[] => ["--import", import.meta.resolve("tsx"), program];
