import { z } from "zod";
import { route } from "../http/route.js";
import { closeCodes } from "../sockets/codes.js";
import { methods } from "../sockets/methods.js";
import { issueTicket } from "../sockets/tickets.js";
import { PROTOCOL, SOCKET_PATH } from "../sockets/upgrade.js";

/**
 * A key in a URL ends up in logs and histories, and a browser can't send a header with an upgrade; so a page gets a
 * ticket for its socket.
 */
export const tickets = [
  route({
    id: "sockets.ticket",
    face: "sockets",
    method: "post",
    path: "/api/v1/ws-tickets",
    summary: "Get a ticket that opens one socket",
    description: [
      `Valid for 30 seconds and once, in the URL of the upgrade. The socket speaks \`${PROTOCOL}\`: texts of JSON,`,
      "`{id, method, params}`, answered by `{id, result}` or `{id, error: {code, message, errors}}`.",
      `Methods: ${[...methods.keys()].join(", ")}.\n\nClose codes:\n\n${closeCodes.map((line) => `- ${line}`).join("\n")}`,
    ].join(" "),
    role: "viewer",
    limit: "api",
    // Nothing of the tenant's is changed: in read-only mode sockets are opened as ever. For the same reason there is
    // no audit row; the log has a line when the socket opens.
    mode: "read",
    in: {},
    out: {
      201: {
        description: "The ticket, shown this once",
        body: z.object({
          ticket: z.string(),
          url: z.string().meta({ description: "where to open the socket, relative to this service" }),
          expiresAt: z.iso.datetime(),
          protocol: z.literal(PROTOCOL),
        }),
      },
    },
    handler: async (_, { services, principal }) => {
      const { ticket, expiresAt } = await issueTicket(services.database, principal);
      const url = `${SOCKET_PATH}?token=${ticket}`;
      return { status: 201, body: { ticket, url, expiresAt: expiresAt.toISOString(), protocol: PROTOCOL } };
    },
  }),
];
