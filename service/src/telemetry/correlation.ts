import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** One line of a log, and nothing in it that a log's reader would take for something else. */
const SHAPE = /^[A-Za-z0-9._-]{1,64}$/;

/** The caller's own id for the call where it is one, so that both logs can be read together; else a new one. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = [headers["x-request-id"], headers["x-correlation-id"]];
  return given.find((id): id is string => typeof id === "string" && SHAPE.test(id)) ?? randomUUID();
}
