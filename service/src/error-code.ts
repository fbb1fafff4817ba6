/** `ENOENT`, `23505`, `WS_ERR_INVALID_UTF8`: the code by which Node, drivers and SDKs tell their errors apart. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
