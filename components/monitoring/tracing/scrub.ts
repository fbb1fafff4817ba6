/**
 * What no trace may hold, whoever wrote it: the agent service masks its own, other services' libraries may not. Kept in
 * RE2, which the collector reads.
 */
export const scrubbed = {
  /** Attributes whose whole value goes. `gen_ai.usage.input_tokens` and the like stay. */
  keys: [
    "(?i)(^|[._-])(authorization|cookies?|set[._-]cookie|passw(or)?d|secret|credentials?|private[._-]?key|api[._-]?key)$",
    "(?i)(^|[._-])((access|refresh|session|id|auth|bearer)[._-])?token$",
  ],
  /** Parts of values that go, wherever they stand. */
  values: [
    // A name and a password in an address.
    "//[^/\\s:@]*:[^/\\s@]+@",
    "(?i)\\b(bearer|basic)\\s+[a-z0-9._~+/=-]{8,}",
    // Keys that say by their beginning what they are, of model providers, clouds, forges and chats.
    "\\b(sk|pk|rk|ak)[-_][A-Za-z0-9_-]{16,}",
    "\\b(ghp|gho|ghs|ghu|github_pat|glpat|xox[abeprs])[_-][A-Za-z0-9_-]{10,}",
    "\\b(AKIA|ASIA)[A-Z0-9]{16}\\b",
    "\\bAIza[A-Za-z0-9_-]{30,}",
    "\\beyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}(\\.[A-Za-z0-9_-]+)?",
    "-----BEGIN [A-Z ]*PRIVATE KEY-----",
  ],
} as const;
