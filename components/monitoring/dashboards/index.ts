import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { agents } from "./agents.js";
import { application } from "./application.js";
import { business } from "./business.js";
import { gateway } from "./gateway.js";
import { infrastructure } from "./infrastructure.js";
import { models } from "./models.js";
import { overview } from "./overview.js";
import type { DashboardScope } from "./scope.js";
import { slo } from "./slo.js";
import { stores } from "./stores.js";

/** The page that people see first. */
export const HOME = "overview";

const all = [overview, application, agents, models, business, slo, gateway, stores, infrastructure];

/** Every dashboard of a stack; one about what the stack has none of would show nothing, and is left out. */
export const dashboardsOf = (scope: DashboardScope): readonly Dashboard[] =>
  all.map((draw) => draw(scope)).filter(({ panels }) => panels !== undefined && panels.length > 0);
