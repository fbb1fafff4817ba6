import { createRequire } from "node:module";
import express from "express";

// The service's own: from here another version is found first.
const { Pool } = createRequire(new URL("../../../service/package.json", import.meta.url))("undici");

/**
 * What a gateway is measured beside: Express and undici alone. No key is asked for, nothing is limited, checked, counted,
 * traced, logged or tried again; nobody looks into a stream, and one that breaks off just stays so.
 */
const upstream = new Pool(process.env.UPSTREAM, { connections: 1000 });
const path = "/v1/chat/completions";
const headers = { "content-type": "application/json", authorization: "Bearer sk-bench" };

const app = express();
app.use(express.json());
app.post(path, async (request, response) => {
  const body = JSON.stringify(request.body);
  const answer = await upstream.request({ method: "POST", path, headers, body });
  response.status(answer.statusCode).set("content-type", answer.headers["content-type"]);
  if (request.body.stream) answer.body.pipe(response);
  else response.end(await answer.body.text());
});
app.listen(Number(process.env.PORT), "127.0.0.1");
