import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import cors from "cors";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import helmet from "helmet";
import { ClientGone } from "./http/client-gone.js";
import { handlerOf } from "./http/mount.js";
import { bodyOf, headersOf, Problem } from "./http/problem.js";
import { problemOf } from "./http/problem-of.js";
import { demandWhole, type Route } from "./http/route.js";
import type { Services } from "./services.js";
import { observeRequests } from "./telemetry/observe.js";

/** The API on Express; it never listens. */
export function createApp(services: Services, routes: readonly Route[]): Express {
  const { env, lifecycle } = services;
  demandWhole(routes);
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", "simple");
  app.set("case sensitive routing", true);
  app.set("trust proxy", env.TRUST_PROXY === 0 ? false : env.TRUST_PROXY);

  app.use(observeRequests(services.telemetry));
  app.use((_request, response, next) => {
    // Whoever keeps the connection open would send the next call to a process that is ending.
    if (lifecycle.phase === "draining") response.set("Connection", "close");
    next();
  });
  // Made once: asking Helmet for each answer takes longer than finding the route.
  const security = securityHeaders();
  app.use((_request, response, next) => {
    for (const [name, value] of security) response.setHeader(name, value);
    next();
  });
  const allowOrigins = cors(crossOrigin(env.ALLOWED_ORIGINS));
  // It would take every OPTIONS for a browser's question.
  app.use((request, response, next) => {
    if (request.headers.origin === undefined) next();
    else allowOrigins(request, response, next);
  });

  // Express tries one path after the other; those without parameters are found at once.
  const exact = new Map<string, RequestHandler>();
  app.use((request, response, next) => {
    const found = exact.get(`${request.method} ${request.path}`);
    return found === undefined ? next() : found(request, response, next);
  });
  for (const route of routes) {
    const handle = handlerOf(route, services);
    const named: RequestHandler = (request, response, next) => {
      response.locals.route = route;
      return handle(request, response, next);
    };
    app[route.method](expressPath(route.path), named);
    if (!route.path.includes("{")) exact.set(`${route.method.toUpperCase()} ${route.path}`, named);
  }
  for (const [path, methods] of methodsByPath(routes)) app.all(expressPath(path), refuseMethod(methods));
  app.use((request) => {
    throw new Problem("not_found", `there is nothing at ${request.path.slice(0, 200)}`);
  });
  app.use(answerProblem(services));
  return app;
}

/** What Helmet says, for every answer alike. */
function securityHeaders(): readonly (readonly [string, string])[] {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  helmet({
    contentSecurityPolicy: { useDefaults: false, directives: CONTENT_SECURITY },
    xFrameOptions: { action: "deny" },
  })(request, response, () => {});
  return Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]);
}

/** The documents' page needs its own scripts and images and nothing from anywhere else. */
const CONTENT_SECURITY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", "data:"],
  connectSrc: ["'self'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
};

const crossOrigin = (origins: readonly string[]): cors.CorsOptions => ({
  origin: origins.includes("*") ? "*" : [...origins],
  methods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
  allowedHeaders: [
    "Authorization",
    "Content-Type",
    "If-Match",
    "Idempotency-Key",
    "Prefer",
    "X-API-Key",
    "X-Request-Id",
  ],
  exposedHeaders: [
    "ETag",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Attempts",
    "X-Failover-From",
    "X-Model",
    "X-Provider",
    "X-Request-Id",
  ],
  maxAge: 600,
});

/** `/templates/{id}` is `/templates/:id` to Express. */
const expressPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ":$1");

function methodsByPath(routes: readonly Route[]): ReadonlyMap<string, readonly string[]> {
  const paths = new Map<string, string[]>();
  for (const { path, method } of routes)
    paths.set(path, [...(paths.get(path) ?? []), method.toUpperCase(), ...(method === "get" ? ["HEAD"] : [])]);
  return paths;
}

const refuseMethod = (methods: readonly string[]): RequestHandler => {
  const allow = [...methods, "OPTIONS"].join(", ");
  return (request, response) => {
    if (request.method === "OPTIONS") {
      response.status(204).set("Allow", allow).end();
      return;
    }
    throw new Problem("method_not_allowed", `${request.method} is not taken here; it takes ${allow}`, {
      headers: { Allow: allow },
    });
  };
};

const answerProblem =
  ({ telemetry }: Services): ErrorRequestHandler =>
  (error: unknown, _request, response, _next) => {
    if (error instanceof ClientGone) {
      response.destroy();
      return;
    }
    const problem = problemOf(error, telemetry);
    response.locals.problem = problem.code;
    if (response.headersSent) {
      // Half an answer must not look like a whole one.
      response.destroy();
      return;
    }
    const body = bodyOf(problem, response.locals.requestId);
    response
      .status(body.status)
      .set({ "Cache-Control": "no-store", ...headersOf(problem) })
      .type("application/problem+json")
      .send(JSON.stringify(body));
  };
