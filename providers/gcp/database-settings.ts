import type { sql } from "@pulumi/gcp/types/input.js";
import type { DatabaseSettings, InMode } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import type { DatabaseArgs } from "../contract.js";
import { keepsCopies, weeklyHour } from "./datastore.js";
import type { GcpGround } from "./ground.js";
import { databaseTier } from "./sizes.js";
import { tagsFor } from "./tags.js";

type Managed = InMode<DatabaseSettings, "managed">;
type InstanceSettings = sql.DatabaseInstanceSettings;

type Edition = Settings["gcp"]["databaseEdition"];
/** PostgreSQL 16 and newer would be the dearer edition where nothing is said, which refuses every small tier. */
const editions: Readonly<Record<Edition, string>> = { enterprise: "ENTERPRISE", enterprisePlus: "ENTERPRISE_PLUS" };
/** Days of logs from which any second can be restored, at most. */
const mostLogDays: Readonly<Record<Edition, number>> = { enterprise: 7, enterprisePlus: 35 };

const tierOf = ({ key, settings, stack }: ServerArgs): string =>
  stack.gcp.machineTypes[`databases.${key}`] ?? databaseTier(settings.cpu, settings.memory, stack.gcp.databaseEdition);

/** The newest machines take no other disks, and the others do not take these. */
const diskTypeOf = (tier: string): string => (tier.startsWith("db-c4a-") ? "HYPERDISK_BALANCED" : "PD_SSD");

/** Whose settings they are. */
interface ServerArgs extends Pick<DatabaseArgs, "key" | "settings"> {
  readonly stack: Settings;
  readonly ground: GcpGround;
}

interface CommonArgs {
  readonly flags: sql.DatabaseInstanceSettingsDatabaseFlag[];
  readonly standby: boolean;
  readonly locked: boolean;
}

/** What is the same for a primary and for every copy of it. */
export const commonSettings = (name: string, args: ServerArgs, { flags, standby, locked }: CommonArgs) => {
  const tier = tierOf(args);
  return {
    tier,
    edition: editions[args.stack.gcp.databaseEdition],
    availabilityType: standby ? "REGIONAL" : "ZONAL",
    diskType: diskTypeOf(tier),
    databaseFlags: flags,
    ipConfiguration: {
      ipv4Enabled: false,
      // Only endpoints in this project reach it, and only the one that is made here exists.
      pscConfigs: [{ pscEnabled: true, allowedConsumerProjects: [args.ground.id] }],
      sslMode: "ENCRYPTED_ONLY",
      // The only kind whose certificates carry the server's name, so that clients can check it.
      serverCaMode: "GOOGLE_MANAGED_CAS_CA",
      // These certificates are good for a year.
      serverCertificateRotationMode: "AUTOMATIC_ROTATION_DURING_MAINTENANCE",
    },
    insightsConfig: { queryInsightsEnabled: true },
    deletionProtectionEnabled: locked,
    userLabels: tagsFor(args.stack, name),
  } satisfies InstanceSettings;
};

/** Growth beyond the first size, where there is any: without a limit Cloud SQL grows for ever. */
export const growthOf = ({
  storage,
  maxStorage,
}: Managed): Pick<InstanceSettings, "diskAutoresize" | "diskAutoresizeLimit"> =>
  maxStorage > storage ? { diskAutoresize: true, diskAutoresizeLimit: maxStorage } : { diskAutoresize: false };

/** A disk that grew is larger than the settings say, and making it smaller would be making the server anew. */
export const grownDisk = ({ storage, maxStorage }: Managed): string[] =>
  maxStorage > storage ? ["settings.diskSize"] : [];

export function backupsOf({ stack }: ServerArgs, { backup }: Managed): sql.DatabaseInstanceSettingsBackupConfiguration {
  return {
    enabled: true,
    startTime: backup.window.slice(0, 5),
    // Where the data is; by default copies would go to other regions of the continent.
    location: stack.region,
    backupRetentionSettings: { retainedBackups: backup.retentionDays, retentionUnit: "COUNT" },
    pointInTimeRecoveryEnabled: true,
    transactionLogRetentionDays: Math.min(backup.retentionDays, mostLogDays[stack.gcp.databaseEdition]),
  };
}

/** Where an outage costs, versions come a week after they came to the others. */
export function maintenanceOf(
  { stack }: ServerArgs,
  { maintenanceWindow }: Managed,
): sql.DatabaseInstanceSettingsMaintenanceWindow {
  const { dayNumber, hour } = weeklyHour(maintenanceWindow);
  return { day: dayNumber, hour, updateTrack: keepsCopies(stack) ? "stable" : "canary" };
}
