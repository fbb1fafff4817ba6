/** `npm run test:engine -- --all`: also what shows once more what another scenario, or another cloud, has shown. */
export const all = process.env["ENGINE_ALL"] !== undefined;

/** Whether a step is left out: nothing of it is any cloud's own, and this is not the first of them. */
export const repeats = (cloud: string): boolean => cloud !== "aws" && !all;
