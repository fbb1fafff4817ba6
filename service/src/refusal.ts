/** Trying again would not help: the message says what will, a line for each problem. */
export class Refusal extends Error {}
