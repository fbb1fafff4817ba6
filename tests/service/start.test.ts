import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { migrate, startProcess } from "./support/process.js";
import { ADMIN_KEY, startService } from "./support/service.js";

const refusal = async (settings: Record<string, string>): Promise<string> => {
  try {
    const { child } = await startProcess({ settings });
    child.kill("SIGKILL");
  } catch (error) {
    return (error as Error).message;
  }
  return "it started";
};

describe("a start that can't be", () => {
  it("says every problem of the environment, a line each, and ends with 3", async () => {
    assert.equal(
      await refusal({ PORT: "x", JWT_SECRET: "short", LOG_LEVEL: "loud" }),
      "the service ended with 3:\n" +
        "PORT: 'x': expected a whole number from 0 to 65535\n" +
        "LOG_LEVEL: 'loud': expected trace, debug, info, warn, error, fatal or silent\n" +
        "JWT_SECRET: 5 characters can be guessed; expected at least 32, e.g. of: openssl rand -base64 48",
    );
  });

  it("names the roles that there are", async () => {
    assert.match(
      await refusal({ ROLE: "coordinator" }),
      /^the service ended with 3:\nROLE: 'coordinator' is not built in this version; expected one of api, gateway, all$/,
    );
  });

  it("names the port that somebody else has", async () => {
    const somebody = createServer().listen(0, "127.0.0.1");
    await once(somebody, "listening");
    try {
      const { port } = somebody.address() as AddressInfo;
      const said = await refusal({ PORT: String(port), DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" });
      const [, ...lines] = said.split("\n");
      assert.equal(lines.at(-1), `PORT: ${port} on 127.0.0.1 can't be listened on (EADDRINUSE); expected a free port`);
    } finally {
      somebody.close();
    }
  });
});

describe("a migrate that fails", () => {
  const failsWith = (DATABASE_URL: string, said: RegExp) => assert.rejects(migrate({ DATABASE_URL }), said);

  it("ends with 3 where another try would end the same", () =>
    failsWith("mysql://127.0.0.1", /^Error: migrate ended with 3:\nDATABASE_URL: /));

  it("ends with 1 where it may help", () =>
    failsWith(
      "postgres://nobody@127.0.0.1:1/none",
      /^Error: migrate ended with 1:\n.*the database does not answer: connect ECONNREFUSED/s,
    ));
});

describe("the first key", () => {
  it("is not printed where nobody looks", async () => {
    const service = await startService();
    try {
      const keys = await service.ask("GET", "/api/v1/admin/api-keys", { key: ADMIN_KEY });
      assert.deepEqual(keys.json.items, []);
      assert.doesNotMatch(service.log.join(""), /ak_test_/);
    } finally {
      await service.stop();
    }
  });
});
