import { randomBytes } from "node:crypto";

/** Begins every secret that the stand-ins generate. */
export const GENERATED = "planted-generated";

/** A secret that somebody gives: a word that stands nowhere else. */
export const plant = (name: string): string => `planted-${name.toLowerCase()}-${randomBytes(8).toString("hex")}`;
