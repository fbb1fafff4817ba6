import assert from "node:assert/strict";
import { askedRoutes, askerOf, routesToAsk } from "../../config/monitoring/asked.js";
import type { Tree } from "../../config/walk.js";
import { awsStack, localStack, parsed, settingsOf } from "../support/settings.js";
import { refuses } from "./refuses.js";

const image = "ghcr.io/acme/api:1.4.2";
const domain = "agents.example.com";
const inDomain = { ...awsStack, domain };
const probes = { live: "/health", ready: "/health/ready" };
const open = { api: { image, probes, routes: [{}] } };

const asked = (said: Tree) =>
  askedRoutes(settingsOf(said)).map(({ name, host, path }) => `${name}: ${host ?? "the gateway"}${path}`);
const said = (uptime: Tree, services: Tree = open) => ({
  ...inDomain,
  services,
  monitoring: { mode: "inCluster", uptime },
});

const warned = (stack: Tree) => parsed(stack).warnings.filter((text) => /from outside/.test(text));

describe("settings of uptime", () => {
  it("have defaults", () => {
    const { monitoring } = settingsOf(inDomain);
    assert.ok(monitoring.mode !== "none");
    assert.deepEqual(monitoring.uptime, { interval: 60, timeout: 10, paths: {}, except: [] });
  });

  it("ask where pods say that they are well, if a route leads there", () => {
    assert.deepEqual(asked({ ...inDomain, services: open }), [`api: ${domain}/health/ready`]);
    assert.deepEqual(asked({ ...awsStack, services: open }), ["api: the gateway/health/ready"]);
    const live = { api: { image, probes: { live: "/v1/health" }, routes: [{ path: "/v1/" }, { path: "/v11" }] } };
    assert.deepEqual(asked({ ...inDomain, services: live }), [`api-v1: ${domain}/v1/health`]);
  });

  it("ask for the first page of a host whose service says nothing of itself", () => {
    const services = { web: { image, routes: [{ host: `www.${domain}` }, { path: "/shop" }] } };
    assert.deepEqual(asked({ ...inDomain, services }), [`web-www-agents-example-com: www.${domain}/`]);
  });

  it("leave a page alone that another route leads to", () => {
    const services = { ...open, web: { image, routes: [{ path: "/health" }] } };
    assert.deepEqual(asked({ ...inDomain, services }), []);
    assert.deepEqual(asked(said({ paths: { api: "/hello" } }, services)), [`api: ${domain}/hello`]);
  });

  it("call checks after routes, each once", () => {
    const services = { api: { image, routes: [{ path: "/a.b" }, { path: "/a-b" }, { path: `/${"x".repeat(60)}` }] } };
    assert.deepEqual(
      routesToAsk(settingsOf({ ...inDomain, services })).map(({ name }) => name),
      ["api-a-b", "api-a-b-2", `api-${"x".repeat(36)}`],
    );
  });

  it("let somebody say what is asked, and what is not", () => {
    const services = { api: { image, probes, routes: [{}, { path: "/v1" }] } };
    assert.deepEqual(asked(said({ paths: { "api-v1": "/v1/hello" }, except: ["api"] }, services)), [
      `api-v1: ${domain}/v1/hello`,
    ]);
  });

  it("leave it to the cloud, where everybody may call, and to the cluster elsewhere", () => {
    const who = (stack: Tree) => askerOf(settingsOf(stack));
    assert.equal(who({ ...inDomain, services: open }), "cloud");
    assert.equal(who({ ...localStack, services: open }), "cluster");
    assert.equal(who({ ...inDomain, services: open, gateway: { internal: true } }), "cluster");
    assert.equal(who({ ...inDomain, services: open, gateway: { sources: ["203.0.113.0/24"] } }), "cluster");
    assert.equal(
      who({ ...awsStack, services: open, gateway: { expose: "nodePort", nodeAddress: "10.0.0.9" } }),
      "cluster",
    );
    assert.equal(who({ ...inDomain, services: { api: { image } } }), "nobody");
    assert.equal(who(said({ enabled: false })), "nobody");
    assert.equal(who({ ...inDomain, services: open, monitoring: { mode: "none" } }), "nobody");
  });

  it("say what nobody asks, once a host", () => {
    const services = { ...open, shop: { image, probes, routes: [{ path: "/shop" }, { path: "/cart" }] } };
    assert.deepEqual(warned({ ...inDomain, services }), [
      "services.shop: nothing under its route /shop is known to need no login, so nobody asks from outside whether it answers; say a page with monitoring.uptime.paths.shop-shop",
    ]);
    assert.deepEqual(warned(said({ paths: { "shop-cart": "/cart/hello" } }, services)), []);
    assert.deepEqual(warned(said({ enabled: false }, services)), []);
  });

  it("say that a closed gateway is asked from inside", () => {
    assert.deepEqual(warned({ ...inDomain, services: open, gateway: { internal: true } }), [
      "monitoring.uptime: the gateway is not open to the internet, so its pages are asked inside the cluster and not from outside",
    ]);
    assert.deepEqual(warned({ ...localStack, services: open }), []);
  });

  it("say that without a way out AWS tells nothing of what it measures", () => {
    const closed = {
      ...awsStack,
      network: { nat: "none", privateEndpoints: true },
      cluster: { access: { private: true } },
    };
    const told = (stack: Tree) => parsed(stack).warnings.filter((text) => text.includes("CloudWatch"));
    assert.deepEqual(told(closed), [
      "network.nat none: CloudWatch is not reached, so nothing is known of what the cloud measures of databases, caches, load balancers and its checks",
    ]);
    assert.deepEqual(told({ ...closed, monitoring: { mode: "none" } }), []);
    assert.deepEqual(told(awsStack), []);
  });

  refuses("refuses checks that are not there", said({ paths: { web: "/" }, except: ["apj"] }), [
    "monitoring.uptime.paths.web: web is no check: there are api; expected the name of a check; remove it with: pulumi config rm --path monitoring.uptime.paths.web",
    "monitoring.uptime.except[0]: apj is no check: there are api; expected the name of a check; set it with: pulumi config set --path 'monitoring.uptime.except[0]' api",
  ]);
  refuses(
    "refuses a page that the route does not lead to",
    said({ paths: { "api-v1": "/v2" } }, { api: { image, probes, routes: [{ path: "/v1" }] } }),
    [
      "monitoring.uptime.paths.api-v1: /v2 is not under its route, /v1; expected a page that the route leads to; set it with: pulumi config set --path monitoring.uptime.paths.api-v1 /v1",
    ],
  );
  refuses("refuses questions without routes", said({ enabled: true }, { api: { image } }), [
    "monitoring.uptime.enabled: true, and no service has routes; expected a service with routes; remove it with: pulumi config rm --path monitoring.uptime.enabled",
  ]);
  refuses(
    "refuses questions without a page",
    said({ enabled: true }, { api: { image, probes, routes: [{ path: "/v1" }] } }),
    [
      "monitoring.uptime.enabled: true, and no page is known that needs no login; expected a path for a check; set it with: pulumi config set --path monitoring.uptime.paths.api-v1 /v1",
    ],
  );
  refuses("refuses to wait longer than until the next question", said({ interval: 10, timeout: 11 }), [
    "monitoring.uptime.timeout: 11 s is over interval, 10 s; expected an answer before the next question; set it with: pulumi config set --path monitoring.uptime.timeout 10",
  ]);
  refuses("refuses an interval of the wrong type", said({ interval: "often" }), [
    'monitoring.uptime.interval: "often" will not do; expected a whole number from 10 to 900; set it with: pulumi config set --path monitoring.uptime.interval 10',
  ]);
});
