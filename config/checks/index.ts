import { fullKey, type Problem } from "../problems.js";
import type { SettingsOfSchema } from "../schema.js";
import { ranges } from "./addresses.js";
import { agentsAnswer, agentsDatabase, agentsModels, agentsUploads, imagesKept, standbyReads } from "./agents.js";
import { agentsShared } from "./agents-shared.js";
import { pools, roomForNodes } from "./cluster.js";
import { existingComplete } from "./existing.js";
import { apiServerRestricted, oneWayIn, openRanges, wayOut } from "./exposure.js";
import type { Check, Checked, Context, Findings } from "./finding.js";
import {
  byNodePort,
  corsTrusts,
  gatewayReplicas,
  hostsCertified,
  routesAnswered,
  routesOnce,
  routeTimeouts,
  sources,
} from "./gateway.js";
import { burstable, databaseDisk, databaseEdition, machineSizes, machineTypes } from "./machines.js";
import { budgetKept, businessTold, levelsInOrder, promisesMeasured } from "./monitoring-alerts.js";
import { grafanaAnswers, grafanaReached } from "./monitoring-grafana.js";
import { logsFit, logsGuarded, logsKept, logsTaken } from "./monitoring-logs.js";
import {
  criticalReaches,
  mailLogsIn,
  mutesThere,
  muteTimes,
  receiversAddressed,
  receiversThere,
  receiversUsed,
  webhooksNamed,
} from "./monitoring-receivers.js";
import { archiveThere, diskBesideArchive, retentionFits, tokenCovered } from "./monitoring-storage.js";
import { tracesFit, tracesOnce, traceToken } from "./monitoring-tracing.js";
import { cloudMeasured, uptimeAsked, uptimeKnown } from "./monitoring-uptime.js";
import { copyNames, names, ownName, tags } from "./names.js";
import { placeOf } from "./place.js";
import { providers } from "./providers.js";
import {
  cronNames,
  enoughConnections,
  idleTimeout,
  imagesFixed,
  podsFit,
  roleNames,
  servicesUsed,
  timeouts,
  usesExist,
} from "./services.js";
import {
  anySecond,
  copies,
  databaseTrusted,
  diskSize,
  entries,
  followsOwnCloud,
  noReplicas,
  oneShard,
  parameters,
  replicas,
  storage,
} from "./stores.js";
import { featured, lowered, supported } from "./support.js";
import { endOfLife } from "./versions.js";
import { windows } from "./windows.js";
import { measured, mountedOnce, oneImage, onePodOnDisks } from "./workloads.js";

export function check(settings: SettingsOfSchema, context: Context): Checked {
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const found: Findings = {
    problem: (path, what, expected, repair) => {
      if (context.isWrong(path)) return;
      problems.push({ key: fullKey(context.written(path)), what, expected, repair });
    },
    warning: (text) => void warnings.push(text),
  };
  const { network } = settings;
  const nowhere = { region: settings.region, zones: [], network };
  const place = context.cloudKnown ? placeOf(settings, context, found) : nowhere;
  for (const one of context.cloudKnown ? [...ofOneCloud, ...ofAnyCloud] : ofAnyCloud) one(settings, context, found);
  return { problems, warnings, ...place };
}

/** Checks that ask what the chosen cloud can do. */
const ofOneCloud: readonly Check[] = [
  supported,
  featured,
  existingComplete,
  lowered,
  names,
  ownName,
  machineTypes,
  machineSizes,
  databaseEdition,
  burstable,
  databaseDisk,
  pools,
  roomForNodes,
  databaseTrusted,
  followsOwnCloud,
  anySecond,
  diskSize,
  copies,
  entries,
  idleTimeout,
  imagesKept,
  logsKept,
  logsTaken,
  uptimeKnown,
  cloudMeasured,
];
const ofAnyCloud: readonly Check[] = [
  oneShard,
  ranges,
  openRanges,
  oneWayIn,
  apiServerRestricted,
  wayOut,
  tags,
  copyNames,
  parameters,
  endOfLife,
  usesExist,
  servicesUsed,
  imagesFixed,
  podsFit,
  roleNames,
  cronNames,
  enoughConnections,
  timeouts,
  oneImage,
  onePodOnDisks,
  mountedOnce,
  measured,
  agentsShared,
  agentsAnswer,
  agentsDatabase,
  agentsUploads,
  agentsModels,
  standbyReads,
  providers,
  routesOnce,
  routesAnswered,
  hostsCertified,
  routeTimeouts,
  corsTrusts,
  gatewayReplicas,
  sources,
  byNodePort,
  grafanaReached,
  grafanaAnswers,
  logsFit,
  logsGuarded,
  levelsInOrder,
  promisesMeasured,
  businessTold,
  budgetKept,
  receiversUsed,
  criticalReaches,
  receiversThere,
  webhooksNamed,
  receiversAddressed,
  mailLogsIn,
  retentionFits,
  archiveThere,
  diskBesideArchive,
  tokenCovered,
  tracesOnce,
  traceToken,
  tracesFit,
  muteTimes,
  mutesThere,
  uptimeAsked,
  windows,
  storage,
  replicas,
  noReplicas,
];
