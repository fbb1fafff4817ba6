import { createServer } from "node:http";
import express from "express";
import pg from "pg";

/**
 * What the service is measured beside: the same two routes by Express and pg alone, as a tutorial has them. No key is
 * asked for, nothing is limited, validated, audited, counted, traced or logged.
 */
const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"], max: 20 });
await pool.query(`create table if not exists bare_templates
  (id text primary key, name text not null, body text not null, created_at timestamptz not null default now())`);

const app = express();
app.use(express.json());
app.get("/templates/:id", async (request, response) => {
  const { rows } = await pool.query("select * from bare_templates where id = $1", [request.params.id]);
  if (rows.length === 0) response.status(404).end();
  else response.json(rows[0]);
});
app.post("/templates", async (request, response) => {
  const { name, body } = request.body;
  const id = `tpl_${crypto.randomUUID()}`;
  const sql = "insert into bare_templates (id, name, body) values ($1, $2, $3) returning *";
  const { rows } = await pool.query(sql, [id, name, body]);
  response.status(201).json(rows[0]);
});

const server = createServer(app).listen(Number(process.env["PORT"] ?? 0), "127.0.0.1", () => {
  console.log(JSON.stringify({ msg: "serving", url: `http://127.0.0.1:${server.address().port}` }));
});
process.on("SIGTERM", () => process.exit(0));
