import type { RequestHandler, Response } from "express";
import { plainAddress } from "../auth/addresses.js";
import type {} from "../http/locals.js";
import { problems } from "../http/problem.js";
import type { Route } from "../http/route.js";
import { requestIdOf } from "./correlation.js";
import { CLIENT_GONE } from "./metric-table.js";
import type { Metrics } from "./metrics.js";
import { scopes } from "./scope.js";
import type { Telemetry } from "./telemetry.js";
import { parseTraceparent } from "./trace-context.js";

/** Probes and scrapes come every few seconds and say nothing. */
const QUIET = new Set(["/health", "/health/ready", "/health/startup", "/metrics"]);
const UNMATCHED = "unmatched";

/**
 * The first thing that sees a call and the last that leaves it: its ids, its span, its line in the log, its metrics.
 * Whatever is logged within the call carries the ids without being handed them.
 */
export function observeRequests(telemetry: Telemetry): RequestHandler {
  const { log, metrics, tracer } = telemetry;
  return (request, response, next) => {
    const began = performance.now();
    // Gone from the request as soon as the socket is.
    const address = plainAddress(request.ip ?? "");
    const { socket } = request;
    const written = socket.bytesWritten;
    const { locals } = response;
    locals.address = address;
    locals.requestId = requestIdOf(request.headers);
    response.setHeader("X-Request-Id", locals.requestId);
    const method = request.method;
    const span = tracer.start(method, {
      kind: "server",
      parent: parseTraceparent(request.headers.traceparent),
      remote: true,
      attributes: {
        "http.request.method": method,
        "url.path": request.path,
        "url.scheme": request.protocol,
        "network.protocol.version": request.httpVersion,
        "client.address": address,
        "request.id": locals.requestId,
      },
    });
    const scope = { requestId: locals.requestId, trace: span, principal: () => locals.principal };
    metrics.http_requests_in_flight.inc();

    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      locals.over?.();
      const seconds = (performance.now() - began) / 1000;
      const status = statusOf(response);
      const code = String(status);
      const route = locals.route?.path ?? UNMATCHED;

      metrics.http_requests_in_flight.dec();
      metrics.http_requests_total.inc({ method, route, status: code });
      metrics.http_request_duration_seconds.observe({ method, route, status_class: `${code[0]}xx` }, seconds);
      if (status >= 500) metrics.errors_total.inc({ code: locals.problem ?? "other" });

      if (locals.route !== undefined) span.rename(`${method} ${route}`);
      span.set({
        "http.response.status_code": status,
        ...(locals.route === undefined ? {} : { "http.route": route }),
      });
      if (status >= 500) span.fail(locals.problem ?? code);
      span.end();

      const fields = {
        method,
        route,
        ...(locals.route === undefined ? { path: request.path.slice(0, 200) } : {}),
        status,
        ms: Math.round(seconds * 10_000) / 10,
        bytes: socket.bytesWritten - written,
        address,
      };
      log[levelOf(route, status)](fields, `${method} ${route} ${status}`);
    };
    const endInScope = () => scopes.run(scope, end);
    // Comes after `finish`, and without it when the caller hung up.
    response.once("close", endInScope);
    // A response that waits behind another on the same connection never hears that the connection is gone.
    request.once("aborted", endInScope);
    scopes.run(scope, next);
  };
}

function levelOf(route: string, status: number): "debug" | "info" | "warn" {
  if (QUIET.has(route)) return "debug";
  return status >= 500 ? "warn" : "info";
}

/** What the caller got: of an answer that broke off, why, or that the caller left. */
function statusOf(response: Response): number {
  const { problem } = response.locals;
  if (problem !== undefined) return problems[problem].status;
  return response.writableFinished ? response.statusCode : CLIENT_GONE;
}

/** Each route's series from the start: success and failure are 0, not missing. */
export function expectRoutes(metrics: Metrics, routes: Iterable<Pick<Route, "method" | "path" | "out">>): void {
  for (const { method, path, out } of routes)
    metrics.expectCalls(
      [...Object.keys(out).map(Number), 500].map((status) => ({ method: method.toUpperCase(), route: path, status })),
    );
}
