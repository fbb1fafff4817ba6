import type { DatabaseSettings, InMode } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";

interface Disk {
  readonly storageSizeGB: number;
  readonly type: "Premium_LRS" | "PremiumV2_LRS";
  readonly autoGrow: "Enabled" | "Disabled";
  readonly iops?: number;
  readonly throughput?: number;
}

/** GiB of the disks that Azure has of Premium SSD. */
const premiumSizes = [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32767] as const;

/**
 * The disk of a server: Premium SSD in the next of its sizes, or Premium SSD v2 to the GiB. Only the first grows by
 * itself, to twice its size each time and with no limit of the stack's.
 * https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-storage
 */
export function diskOf(
  { storage, maxStorage }: Pick<InMode<DatabaseSettings, "managed">, "storage" | "maxStorage">,
  { type, iops, throughput }: Settings["azure"]["databaseDisk"],
): Disk {
  if (type === "premiumV2") {
    return {
      storageSizeGB: Math.max(storage, premiumSizes[0]),
      type: "PremiumV2_LRS",
      autoGrow: "Disabled",
      ...(iops === undefined ? {} : { iops }),
      ...(throughput === undefined ? {} : { throughput }),
    };
  }
  const storageSizeGB = premiumSizes.find((size) => size >= storage);
  if (storageSizeGB === undefined)
    throw new Error(`azure: a premium disk has no ${storage} GiB; a premiumV2 one may have: azure.databaseDisk.type`);
  return { storageSizeGB, type: "Premium_LRS", autoGrow: maxStorage > storage ? "Enabled" : "Disabled" };
}
