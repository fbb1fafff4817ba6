import { route } from "../http/route.js";

/** The breakers as a page for a person. It holds no data and no key: its script asks the admin API for what it shows. */

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2430; --soft: #5a6472; --line: #d9dee5; --card: #fff; --ground: #f4f6f8;
  --good: #1a7f37; --bad: #c62828; --warn: #8a5a00; --accent: #0b5cc4 }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --soft: #9aa5b3; --line: #333c48; --card: #1b212a;
  --ground: #12161c; --good: #4cc26a; --bad: #ff7b72; --warn: #e0b04a; --accent: #79b4ff } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 60rem; margin: auto; padding: 1.5rem 1rem 4rem }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.05rem; margin: 1.5rem 0 .5rem } p { margin: .25rem 0 }
small, .soft, th { color: var(--soft) } [data-is]:empty { display: none } .stale { opacity: .55 }
input, button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
  border-radius: .4rem; padding: .35rem .75rem }
input { flex: 1; min-width: 0 } button { cursor: pointer }
button:hover { border-color: var(--accent); color: var(--accent) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
form { display: flex; flex-wrap: wrap; gap: .25rem .5rem; margin: 1.25rem 0 1rem; max-width: 34rem }
label, form small { flex: 1 0 100% } label { font-weight: 600 }
#trouble, #done { border-left: 4px solid var(--bad); background: var(--card) } #done { border-color: var(--accent) }
#trouble:not(:empty), #done:not(:empty) { padding: .5rem .75rem; margin: .5rem 0 }
ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .75rem; padding: 0; margin: 0 }
li { display: flex; flex-direction: column; gap: .5rem; align-items: flex-start; padding: .75rem 1rem }
li, table { background: var(--card); border: 1px solid var(--line); border-radius: .6rem }
li button { margin-top: auto } td button { white-space: nowrap } strong { overflow-wrap: anywhere }
.dot { display: inline-block; width: .7rem; height: .7rem; border-radius: 50%; background: var(--tone); margin-right: .4rem }
.badge { border: 1px solid; border-radius: 1rem; padding: 0 .6rem; color: var(--tone); font-weight: 600 }
[data-state] { --tone: var(--soft) } [data-state="up"], [data-state="closed"] { --tone: var(--good) }
[data-state="down"], [data-state="open"], [data-is="key"] { --tone: var(--bad) }
[data-state="half-open"], [data-state="limited"] { --tone: var(--warn) }
table { width: 100%; border-spacing: 0 } th { font-size: .85rem } th, .badge, [data-is="again"] { white-space: nowrap }
th, td { text-align: left; padding: .5rem 1rem } td { border-top: 1px solid var(--line) }
td:nth-child(2) { min-width: 15rem }
.number { text-align: right; font-variant-numeric: tabular-nums }
.unseen { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden }
@media (max-width: 48rem) {
  thead { display: none } table, tbody { display: block } tr + tr { border-top: 1px solid var(--line) }
  tr { display: grid; grid-template-columns: repeat(3, 1fr); gap: .4rem; padding: .75rem 1rem }
  td { border: 0; padding: 0 } .number { text-align: left } .wide { grid-column: 1 / -1 }
  .number::before { content: attr(data-label); display: block; color: var(--soft); font-size: .85rem } }
`;

/** The table's roles are said in words: browsers forget them where a table is laid out as something else. */
const PAGE = String.raw`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Breakers</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
<main>
  <h1>Breakers</h1>
  <p class="soft">One stands before each model of each provider. Closed it lets calls through, open it keeps them away,
    half-open it lets one at a time try.</p>
  <form id="enter">
    <label for="key">Admin key</label>
    <input id="key" type="password" autocomplete="off" required pattern="\s*[!-~]+\s*" aria-describedby="kept"
      title="letters, digits and signs, without a space between them">
    <button>Show</button>
    <small id="kept">It stays in the memory of this page, and is gone when you leave it.</small>
  </form>
  <noscript>This page needs its script, and scripts are switched off.</noscript>
  <div id="trouble" role="alert"></div>
  <div id="done" role="status"></div>
  <div id="news" class="unseen" aria-live="polite"></div>
  <section id="report" hidden>
    <small id="read"></small>
    <h2>Providers</h2>
    <ul id="providers" data-of="provider"></ul>
    <h2 id="of-breakers">Models</h2>
    <table role="table" aria-labelledby="of-breakers">
      <thead role="rowgroup"><tr role="row">
        <th role="columnheader">Provider and model</th><th role="columnheader">Breaker</th>
        <th role="columnheader" class="number">Calls</th><th role="columnheader" class="number">Failures</th>
        <th role="columnheader" class="number">In a row</th><th role="columnheader"><span class="unseen">Reset</span></th>
      </tr></thead>
      <tbody role="rowgroup" id="breakers" data-of="breaker"></tbody>
    </table>
    <p><small>Calls and failures are those of the last 30 seconds, unless the settings say otherwise.</small></p>
  </section>
</main>
<template id="provider"><li>
  <div><span class="dot"></span><strong data-is="name"></strong> <span class="soft" data-is="kind"></span></div>
  <div><b data-is="status"></b> <span data-is="since"></span> <span class="soft" data-is="about"></span>
    <span class="badge" data-is="key"></span></div>
  <button>Reset all of <span data-is="name"></span></button>
</li></template>
<template id="breaker"><tr role="row">
  <td role="cell" class="wide"><span class="soft" data-is="provider"></span> <strong data-is="model"></strong></td>
  <td role="cell" class="wide"><span class="badge" data-is="state"></span> <span class="soft" data-is="again"></span></td>
  <td role="cell" class="number" data-label="Calls" data-is="calls"></td>
  <td role="cell" class="number" data-label="Failures" data-is="failures"></td>
  <td role="cell" class="number" data-label="In a row" data-is="inARow"></td>
  <td role="cell" class="wide"><button>Reset<span class="unseen"> <span data-is="name"></span></span></button></td>
</tr></template>
<script src="/admin/breakers.js"></script>
</html>
`;

/** A file of its own: a script in the page itself is refused by the Content-Security-Policy. */
const SCRIPT = `"use strict";
const PATH = "/api/v1/admin/breakers", EVERY = 2;
const refusals = { 401: "Wrong key", 403: "Not allowed", 404: "Not found", 429: "Too many calls" };
const units = [[86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]];
let key = "", failed = 0, timer, work = Promise.resolve();

const at = (id) => document.getElementById(id);
// The same words, set again, would be read out again.
const say = (element, text) => { if (element.textContent !== String(text)) element.textContent = text; };
const clock = () => new Date().toLocaleTimeString();
function inWords(seconds) {
  const [size, unit] = units.find(([size]) => seconds >= size) ?? [1, "second"];
  const many = Math.max(1, Math.floor(seconds / size));
  return many + " " + unit + (many === 1 ? "" : "s");
}

const providerRow = (one, now) => ({
  ...one, state: one.status, target: { provider: one.name }, key: one.credentialRefused ? "key refused" : "",
  since: "for " + inWords((now - Date.parse(one.since)) / 1000) + ".",
  about: (one.reason === null ? "" : "It " + one.reason + ". ")
    + (one.seenBy === null ? "Not called yet." : one.seenBy === "calls" ? "Seen by calls." : "Seen by a probe."),
});
const breakerRow = (one) => ({
  ...one, name: one.provider + "/" + one.model, target: { provider: one.provider, model: one.model },
  state: one.phase === "closed" && one.limited ? "limited" : one.phase,
  again: one.retryAfterSeconds > 0 ? "again in " + one.retryAfterSeconds + " s" : "",
});

// A row stays the same element from one reading to the next, so that its button keeps the focus.
function draw(list, rows) {
  const changes = rows.map((row, place) => {
    const there = [...list.children].find(({ dataset }) => dataset.name === row.name);
    const element = there ?? at(list.dataset.of).content.firstElementChild.cloneNode(true);
    if (list.children[place] !== element) list.insertBefore(element, list.children[place] ?? null);
    const before = there?.dataset.state ?? row.state;
    Object.assign(element.dataset, { name: row.name, state: row.state });
    for (const slot of element.querySelectorAll("[data-is]")) say(slot, row[slot.dataset.is]);
    element.querySelector("button").onclick = () => soon(row.target);
    return before === row.state ? [] : row.name + " was " + before + " and is " + row.state + " now";
  });
  while (list.children.length > rows.length) list.lastElementChild.remove();
  return changes.flat();
}

async function fetched(target) {
  const [path, method] = target === undefined ? [PATH, "GET"] : [PATH + "/reset", "POST"];
  const headers = { Authorization: "Bearer " + key, "Content-Type": "application/json" };
  const [body, signal] = [JSON.stringify(target), AbortSignal.timeout(10_000)];
  const answer = await fetch(path, { method, headers, body, signal }).catch(({ name }) => {
    throw new Error("The service " + (name === "TimeoutError" ? "does not answer" : "can't be reached"));
  });
  const said = await answer.json().catch(() => ({}));
  if (answer.ok && Array.isArray(said.breakers)) return { report: said, headers: answer.headers };
  const what = refusals[answer.status] ?? "The service answered " + answer.status;
  const wait = Number.parseInt(answer.headers.get("Retry-After"), 10);
  throw Object.assign(new Error(what + (said.detail ? ": " + said.detail : "")), { status: answer.status, wait });
}

// Half of a limit may be used in haste; the rest must last to its end, for resets too.
function pace(headers) {
  const [limit, left, seconds] = ["Limit", "Remaining", "Reset"].map((name) => Number(headers.get("RateLimit-" + name)));
  return left >= limit / 2 ? EVERY : Math.max(EVERY, Math.min(seconds, (2 * seconds) / left));
}

async function ask(target) {
  const name = target && [target.provider, target.model].filter(Boolean).join("/");
  let wait = EVERY;
  try {
    const { report, headers } = await fetched(target);
    const now = Date.parse(headers.get("Date"));
    const changes = [
      ...draw(at("providers"), report.providers.map((one) => providerRow(one, now))),
      ...draw(at("breakers"), report.breakers.map(breakerRow)),
    ].join("; ");
    [failed, wait, at("report").hidden] = [0, pace(headers), false];
    say(at("trouble"), "");
    const why = wait > EVERY ? ", because the limit of calls is near" : "";
    say(at("read"), "Read at " + clock() + ", again in " + inWords(wait) + why + ".");
    if (target === undefined) say(at("news"), changes);
    else say(at("done"), clock() + " Reset " + name + ": " + (changes || "nothing was open")
      + ". The provider's key is tried again.");
  } catch (error) {
    if (target === undefined) {
      failed += 1;
      wait = Math.max(Math.min(30, EVERY ** failed), error.wait || 0);
      say(at("trouble"), error.message + ". Asking again in " + inWords(wait) + ".");
      if (error.status === 401 || error.status === 403) at("report").hidden = true;
    } else say(at("done"), clock() + " Did not reset " + name + ". " + error.message + ".");
  }
  at("report").classList.toggle("stale", failed > 0);
  clearTimeout(timer);
  timer = setTimeout(soon, wait * 1000);
}

// One after the other, so that an old answer never covers a newer one.
function soon(target) {
  clearTimeout(timer);
  work = work.then(() => ask(target));
}

at("enter").onsubmit = (event) => {
  event.preventDefault();
  [key, failed] = [at("key").value.trim(), 0];
  soon();
};
at("key").focus();
`;

const file = (id: string, path: string, contentType: string, summary: string, body: string) =>
  route({
    id,
    face: "admin",
    method: "get",
    path,
    summary,
    role: "open",
    limit: "global",
    mode: "read",
    in: {},
    out: { 200: { description: "The file", contentType } },
    handler: () => ({ status: 200, headers: { "Content-Type": `${contentType}; charset=utf-8` }, body }),
  });

export const breakersPage = [
  file("breakers.page", "/admin/breakers", "text/html", "The breakers as a page; it asks for an admin's key", PAGE),
  file("breakers.script", "/admin/breakers.js", "text/javascript", "The script of the page of breakers", SCRIPT),
];
