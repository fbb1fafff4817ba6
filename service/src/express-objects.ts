import { IncomingMessage, ServerResponse } from "node:http";
import type { Express } from "express";

/**
 * Express gives each request and response its own prototype when they come, and V8 never gets over an object that
 * changes its prototype: a call that does nothing takes five times as long. Made with that prototype from the start,
 * there is nothing to change. They are functions and no classes because a class's prototype can't be set.
 */
export const expressObjects = ({ request, response }: Pick<Express, "request" | "response">) => ({
  IncomingMessage: bornWith(IncomingMessage, request),
  ServerResponse: bornWith(ServerResponse, response),
});

function bornWith<C extends typeof IncomingMessage | typeof ServerResponse>(kind: C, prototype: object): C {
  const construct: (this: object, ...args: readonly unknown[]) => void = kind as never;
  function Born(this: object, ...args: readonly unknown[]): void {
    construct.apply(this, [...args]);
  }
  Born.prototype = prototype;
  return Born as unknown as C;
}
