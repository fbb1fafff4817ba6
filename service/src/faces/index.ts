import type { Route } from "../http/route.js";
import { facesOf, type RoleName } from "../roles.js";
import { apiKeys } from "./api-keys.js";
import { audit } from "./audit.js";
import { breakers } from "./breakers.js";
import { breakersPage } from "./breakers-page.js";
import { documents } from "./documents.js";
import { errorPages } from "./error-pages.js";
import { health } from "./health.js";
import { metrics } from "./metrics.js";
import { modes } from "./modes.js";
import { objects } from "./objects.js";
import { chat } from "./openai/chat.js";
import { embeddings } from "./openai/embeddings.js";
import { models } from "./openai/models.js";
import { templates } from "./templates.js";
import { tickets } from "./tickets.js";

/** The one route table. A face more is a file beside this one and a line here. */
export const routes: readonly Route[] = [
  ...health,
  ...metrics,
  ...documents,
  ...errorPages,
  ...apiKeys,
  ...modes,
  ...audit,
  ...breakers,
  ...breakersPage,
  ...templates,
  ...objects,
  ...tickets,
  ...models,
  ...chat,
  ...embeddings,
];

/** The routes of a role's faces. */
export function routesOf(role: RoleName): readonly Route[] {
  const faces = facesOf(role);
  return routes.filter(({ face }) => faces.includes(face));
}
