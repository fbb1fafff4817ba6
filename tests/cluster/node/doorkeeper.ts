import { connect, type Server } from "node:net";
import type { Door } from "./doors.js";

/** A process of the node: gets listening sockets, and leads who comes there to where they asked. */
process.on("message", (to: Door["to"], server: Server) => {
  server.on("connection", (near) => {
    const far = connect(to);
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
    near.pipe(far).pipe(near);
  });
  process.send?.("here");
});
