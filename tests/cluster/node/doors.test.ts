import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { takeDoors } from "./doors.js";

describe("doors of a node", () => {
  it("send away who comes before anybody stands in them", async () => {
    const doors = await takeDoors([door(0)]);
    try {
      const early = connect(doors.ports[0] ?? 0, "127.0.0.1");
      early.resume();
      await once(early, "close");
    } finally {
      doors.close();
    }
  });

  it("say which port is somebody else's, and take none then", async () => {
    const [first, second] = await Promise.all([takeDoors([door(0)]), takeDoors([door(0)])]);
    const [free = 0, taken = 0] = [...first.ports, ...second.ports];
    first.close();
    try {
      await assert.rejects(
        takeDoors([door(free), door(taken)]),
        new Error(`port ${taken} of this machine is somebody else's`),
      );
      (await takeDoors([door(free)])).close();
    } finally {
      second.close();
    }
  });
});

const door = (port: number) => ({ port, to: { host: "127.0.0.1", port: 1 } });
