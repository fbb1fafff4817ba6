import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Dashboard, Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { dashboardsOf } from "../../../components/monitoring/dashboards/index.js";
import { tables } from "../../../components/monitoring/metrics/names.js";
import { recordings } from "../../../components/monitoring/rules/index.js";
import { businessOf } from "../../../config/service-schema.js";
import { unknownNames } from "../promql.js";
import { scopeOf, scopes } from "../scopes.js";
import { drawn, filledIn, rowsOf, shownOn } from "./panels.js";

const every = Object.entries(scopes).flatMap(([stack, scope]) =>
  dashboardsOf(drawn(scope)).map((dashboard) => ({ stack, scope, dashboard })),
);
const whole = dashboardsOf(drawn(scopes.whole));
const uids = (dashboards: readonly Dashboard[]) => dashboards.map(({ uid }) => uid);
const panelOf = (name: string): Panel => {
  const found = whole.flatMap(shownOn).find((shown) => shown.name === name);
  assert.ok(found, name);
  return found.panel;
};
const stepsOf = (name: string) => panelOf(name).fieldConfig?.defaults.thresholds?.steps;

describe("dashboards", () => {
  it("are one a theme, each under an address of its own", () => {
    assert.deepEqual(
      whole.map(({ uid, title }) => [uid, title]),
      [
        ["overview", "System Overview"],
        ["application", "Application"],
        ["agents", "Agent Performance"],
        ["models", "Model providers and cost"],
        ["business", "Business Metrics"],
        ["slo", "SLO"],
        ["gateway", "Gateway"],
        ["stores", "Data stores"],
        ["infrastructure", "Infrastructure"],
      ],
    );
  });

  it("show nothing of what a stack has none of", () => {
    assert.deepEqual(uids(dashboardsOf(drawn(scopes.empty))), ["overview", "stores", "infrastructure"]);
    assert.deepEqual(uids(dashboardsOf(drawn(scopes.small))), ["overview", "stores", "infrastructure"]);
    const measured = scopeOf({ cloud: "local", services: { web: { image: "ghcr.io/acme/web:1.0.0", metrics: {} } } });
    const [overview, application, ...others] = dashboardsOf(drawn(measured));
    assert.ok(overview && application);
    assert.deepEqual(rowsOf(overview), ["Now", "Callers", "What runs", "What is wrong"]);
    assert.deepEqual(rowsOf(application), ["Calls"]);
    assert.deepEqual(uids(others), ["slo", "stores", "infrastructure"]);
  });

  it("name series and labels that exist", () => {
    for (const { stack, scope, dashboard } of every) {
      const own = Object.values(scope.running).flatMap((service) => businessOf(service).map(({ name }) => name));
      const known = new Map([
        ...recordings,
        ...own.map((name) => [name, undefined] as const),
        ...Object.entries(tables.cloud.metrics).map(([name, { labels }]) => [name, labels] as const),
      ]);
      for (const { name, queries } of shownOn(dashboard))
        for (const query of queries)
          assert.deepEqual(unknownNames(filledIn(query), known), [], `${stack}: ${name}: ${query}`);
      for (const { name, expr } of dashboard.annotations?.list ?? [])
        assert.deepEqual(unknownNames(filledIn(expr ?? ""), known), [], `${name}: ${expr}`);
      for (const { query } of dashboard.templating.list ?? []) {
        const [, series = ""] = /^label_values\((.*),\w+\)$/.exec(String(query)) ?? [];
        assert.deepEqual(unknownNames(filledIn(series), known), [], String(query));
      }
    }
  });

  it("choose by environment and service, all of them at first", () => {
    for (const { dashboard } of every)
      assert.deepEqual(
        dashboard.templating.list?.map(({ name, query, allValue, includeAll, multi, current }) => ({
          name,
          query,
          allValue,
          includeAll,
          multi,
          current,
        })),
        [
          {
            name: "environment",
            query: "label_values(up,environment)",
            allValue: ".*",
            includeAll: true,
            multi: true,
            current: { selected: true, text: "All", value: "$__all" },
          },
          {
            name: "service",
            query: 'label_values(up{environment=~"$environment"},service)',
            allValue: ".+",
            includeAll: true,
            multi: true,
            current: { selected: true, text: "All", value: "$__all" },
          },
        ],
      );
  });

  it("ask for the chosen environment in every query", () => {
    for (const { name, queries } of every.flatMap(({ dashboard }) => shownOn(dashboard)))
      if (!name.startsWith("business/"))
        for (const query of queries) {
          const selectors = query.split("{").length - 1;
          assert.ok(selectors > 0, name);
          assert.equal(query.split('environment=~"$environment"').length - 1, selectors, `${name}: ${query}`);
        }
  });

  it("say of every panel what it means and in which unit, and ask Prometheus alone", () => {
    for (const { dashboard } of every) {
      const shown = shownOn(dashboard);
      assert.equal(new Set(shown.map(({ name }) => name)).size, shown.length, dashboard.uid);
      for (const { panel, name, queries } of shown) {
        assert.match(panel.description ?? "", /^\S.+\.$/, name);
        assert.match(panel.fieldConfig?.defaults.unit ?? "", /^\w+$/, name);
        assert.ok(queries.length > 0 && queries.every((query) => query !== ""), name);
        assert.deepEqual(panel.datasource, { type: "prometheus", uid: "prometheus" }, name);
      }
    }
  });

  it("leave no panel over another, nor beyond the edge", () => {
    for (const { stack, dashboard } of every) {
      const taken = new Map<string, string>();
      for (const { panel, name } of shownOn(dashboard)) {
        const { x, y, w, h } = panel.gridPos ?? { x: 0, y: 0, w: 0, h: 0 };
        assert.ok(x + w <= 24, `${stack}: ${name} ends at ${x + w}`);
        for (let column = x; column < x + w; column++)
          for (let line = y; line < y + h; line++) {
            const place = `${column}/${line}`;
            assert.equal(taken.get(place), undefined, `${stack}: ${name}`);
            taken.set(place, name);
          }
      }
      const ids = dashboard.panels?.map(({ id }) => id) ?? [];
      assert.deepEqual(
        ids,
        ids.map((_, index) => index + 1),
      );
    }
  });

  it("draw the limits that the settings say", () => {
    assert.deepEqual(stepsOf("agents/Agent health"), [
      { value: null, color: "red" },
      { value: 0.9, color: "orange" },
      { value: 0.95, color: "yellow" },
      { value: 0.99, color: "green" },
    ]);
    assert.deepEqual(stepsOf("application/Error ratio"), [
      { value: null, color: "green" },
      { value: 0.01, color: "red" },
    ]);
    // Of the two that answer, the one that promises more.
    assert.deepEqual(stepsOf("application/Response time"), [
      { value: null, color: "green" },
      { value: 0.5, color: "yellow" },
      { value: 1, color: "red" },
    ]);
    assert.deepEqual(stepsOf("infrastructure/Disks of nodes"), [
      { value: null, color: "green" },
      { value: 0.8, color: "yellow" },
      { value: 0.9, color: "red" },
    ]);
    assert.deepEqual(stepsOf("infrastructure/Certificates"), [
      { value: null, color: "red" },
      { value: 604_800, color: "orange" },
      { value: 1_814_400, color: "green" },
    ]);
    assert.deepEqual(stepsOf("business/stock"), [
      { value: null, color: "green" },
      { value: 500, color: "red" },
    ]);
    assert.deepEqual(stepsOf("business/Orders"), [
      { value: null, color: "red" },
      { value: 10, color: "green" },
    ]);
  });

  it("lead from times to traces, by dots and by a click", () => {
    const { targets = [], fieldConfig } = panelOf("application/Response time");
    assert.deepEqual(
      targets.map((target) => "exemplar" in target && target.exemplar),
      [false, false, true],
    );
    // Grafana fills these in.
    const filledLater = (name: string) => `\${${name}}`;
    const service = filledLater("__field.labels.service");
    const [link] = fieldConfig?.defaults.links ?? [];
    const { title, url = "" } = link as { title: string; url?: string };
    assert.equal(title, `Traces of ${service}`);
    const panes = new URL(url, "http://grafana").searchParams.get("panes") ?? "";
    assert.deepEqual(JSON.parse(panes), {
      traces: {
        datasource: "jaeger",
        queries: [
          {
            refId: "A",
            datasource: { type: "jaeger", uid: "jaeger" },
            queryType: "search",
            service,
          },
        ],
        range: { from: filledLater("__from"), to: filledLater("__to") },
      },
    });
  });

  it("lead to each other, to traces and to logs, where there are some", () => {
    const linksOf = (more: Parameters<typeof drawn>[1]) =>
      dashboardsOf(drawn(scopes.whole, more))[0]?.links?.map(({ title, tags, url }) => [
        title,
        tags,
        url?.split("?")[0],
      ]);
    const others = ["Dashboards", ["agent-platform"], undefined];
    assert.deepEqual(linksOf({ traces: false }), [others]);
    assert.deepEqual(linksOf({ logs: "https://logs.example.com" }), [
      others,
      ["Traces", [], "/explore"],
      ["Logs", [], "https://logs.example.com"],
    ]);
    const plain = dashboardsOf(drawn(scopes.whole, { traces: false })).flatMap(shownOn);
    assert.ok(plain.every(({ panel }) => panel.fieldConfig?.defaults.links?.length === 0));
  });

  it("mark alerts, rollouts and versions", () => {
    for (const { dashboard } of every)
      assert.deepEqual(
        dashboard.annotations?.list?.map(({ name, enable, expr, useValueForTime }) => ({
          name,
          enable,
          expr,
          useValueForTime,
        })),
        [
          {
            name: "Alerts",
            enable: true,
            expr: 'ALERTS{environment=~"$environment",alertstate="firing"}',
            useValueForTime: undefined,
          },
          {
            name: "Rollouts",
            enable: true,
            expr: 'kube_deployment_status_replicas{environment=~"$environment",deployment=~"$service"} > kube_deployment_status_replicas_updated{environment=~"$environment"}',
            useValueForTime: undefined,
          },
          {
            name: "Versions",
            enable: true,
            expr: 'min by (environment,service,version) (process_start_time_seconds{environment=~"$environment",service=~"$service"} * on (environment,service,instance) group_left (version) build_info{environment=~"$environment",service=~"$service"}) * 1000',
            useValueForTime: true,
          },
        ],
      );
  });

  it("fit into one object of Kubernetes, and into each other's time", () => {
    const size = whole.reduce((bytes, one) => bytes + JSON.stringify(one).length, 0);
    assert.ok(size < 700_000, `${size} bytes`);
    assert.equal(JSON.stringify(dashboardsOf(drawn(scopes.whole))), JSON.stringify(whole));
  });

  it("are all in the documents, panel by panel", () => {
    const page = readFileSync(join(import.meta.dirname, "../../../docs/monitoring.md"), "utf8");
    const listed = /\n## Dashboards\n(.*?)\n## /s.exec(`${page}\n## `)?.[1] ?? "";
    for (const dashboard of whole) {
      const line = listed.split("\n").find((one) => one.startsWith(`| ${dashboard.title} `)) ?? "";
      const own = dashboard.uid === "business" ? ["Events reported"] : undefined;
      for (const { panel } of shownOn(dashboard))
        if (own === undefined || own.includes(panel.title ?? ""))
          assert.ok(line.includes(panel.title ?? "?"), `${dashboard.title}: ${panel.title}`);
    }
  });
});
