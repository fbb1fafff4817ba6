/**
 * Regions: neutral names that every cloud has an answer for, and the native names a cloud takes as they are.
 * Zones are decisions (they say which subnets exist), so they are data here and not looked up at run time.
 */
export type RegionalCloud = "aws" | "gcp" | "azure";

export const neutralRegions: Readonly<Record<string, Readonly<Record<RegionalCloud, string>>>> = {
  "us-east": { aws: "us-east-1", gcp: "us-east4", azure: "eastus2" },
  "us-central": { aws: "us-east-2", gcp: "us-central1", azure: "centralus" },
  "us-west": { aws: "us-west-2", gcp: "us-west1", azure: "westus3" },
  "ca-central": { aws: "ca-central-1", gcp: "northamerica-northeast1", azure: "canadacentral" },
  "sa-east": { aws: "sa-east-1", gcp: "southamerica-east1", azure: "brazilsouth" },
  "eu-west": { aws: "eu-west-1", gcp: "europe-west1", azure: "northeurope" },
  "eu-central": { aws: "eu-central-1", gcp: "europe-west3", azure: "germanywestcentral" },
  "eu-north": { aws: "eu-north-1", gcp: "europe-north1", azure: "swedencentral" },
  "eu-south": { aws: "eu-south-1", gcp: "europe-west8", azure: "italynorth" },
  "uk-south": { aws: "eu-west-2", gcp: "europe-west2", azure: "uksouth" },
  "fr-central": { aws: "eu-west-3", gcp: "europe-west9", azure: "francecentral" },
  "ch-north": { aws: "eu-central-2", gcp: "europe-west6", azure: "switzerlandnorth" },
  "me-central": { aws: "me-central-1", gcp: "me-central1", azure: "uaenorth" },
  "in-west": { aws: "ap-south-1", gcp: "asia-south1", azure: "centralindia" },
  "ap-southeast": { aws: "ap-southeast-1", gcp: "asia-southeast1", azure: "southeastasia" },
  "ap-northeast": { aws: "ap-northeast-1", gcp: "asia-northeast1", azure: "japaneast" },
  "kr-central": { aws: "ap-northeast-2", gcp: "asia-northeast3", azure: "koreacentral" },
  "au-east": { aws: "ap-southeast-2", gcp: "australia-southeast1", azure: "australiaeast" },
  "za-north": { aws: "af-south-1", gcp: "africa-south1", azure: "southafricanorth" },
};

/** AWS regions of the standard partition, with the letters of their zones. */
const awsZones: Readonly<Record<string, string>> = {
  "af-south-1": "abc",
  "ap-east-1": "abc",
  "ap-east-2": "abc",
  "ap-northeast-1": "acd",
  "ap-northeast-2": "abcd",
  "ap-northeast-3": "abc",
  "ap-south-1": "abc",
  "ap-south-2": "abc",
  "ap-southeast-1": "abc",
  "ap-southeast-2": "abc",
  "ap-southeast-3": "abc",
  "ap-southeast-4": "abc",
  "ap-southeast-5": "abc",
  "ap-southeast-7": "abc",
  "ca-central-1": "abd",
  "ca-west-1": "abc",
  "eu-central-1": "abc",
  "eu-central-2": "abc",
  "eu-north-1": "abc",
  "eu-south-1": "abc",
  "eu-south-2": "abc",
  "eu-west-1": "abc",
  "eu-west-2": "abc",
  "eu-west-3": "abc",
  "il-central-1": "abc",
  "me-central-1": "abc",
  "me-south-1": "abc",
  "mx-central-1": "abc",
  "sa-east-1": "abc",
  "us-east-1": "abcdf",
  "us-east-2": "abc",
  "us-west-1": "ac",
  "us-west-2": "abcd",
};

/** Google Cloud's regions, with the letters of their zones: https://cloud.google.com/compute/docs/regions-zones */
const gcpZones: Readonly<Record<string, string>> = {
  "africa-south1": "abc",
  "asia-east1": "abc",
  "asia-east2": "abc",
  "asia-northeast1": "abc",
  "asia-northeast2": "abc",
  "asia-northeast3": "abc",
  "asia-south1": "abc",
  "asia-south2": "abc",
  "asia-southeast1": "abc",
  "asia-southeast2": "abc",
  "australia-southeast1": "abc",
  "australia-southeast2": "abc",
  "europe-central2": "abc",
  "europe-north1": "abc",
  "europe-north2": "abc",
  "europe-southwest1": "abc",
  "europe-west1": "bcd",
  "europe-west2": "abc",
  "europe-west3": "abc",
  "europe-west4": "abc",
  "europe-west6": "abc",
  "europe-west8": "abc",
  "europe-west9": "abc",
  "europe-west10": "abc",
  "europe-west12": "abc",
  "me-central1": "abc",
  "me-central2": "abc",
  "me-west1": "abc",
  "northamerica-northeast1": "abc",
  "northamerica-northeast2": "abc",
  "northamerica-south1": "abc",
  "southamerica-east1": "abc",
  "southamerica-west1": "abc",
  "us-central1": "abcf",
  "us-east1": "bcd",
  "us-east4": "abc",
  "us-east5": "abc",
  "us-south1": "abc",
  "us-west1": "abc",
  "us-west2": "abc",
  "us-west3": "abc",
  "us-west4": "abc",
};

/** Azure's regions that have zones, which are numbered: https://learn.microsoft.com/azure/reliability/regions-list */
const azureWithZones = [
  "australiaeast",
  "austriaeast",
  "belgiumcentral",
  "brazilsouth",
  "canadacentral",
  "centralindia",
  "centralus",
  "chilecentral",
  "eastasia",
  "eastus",
  "eastus2",
  "francecentral",
  "germanywestcentral",
  "indonesiacentral",
  "israelcentral",
  "italynorth",
  "japaneast",
  "japanwest",
  "koreacentral",
  "malaysiawest",
  "mexicocentral",
  "newzealandnorth",
  "northeurope",
  "norwayeast",
  "polandcentral",
  "qatarcentral",
  "southafricanorth",
  "southcentralus",
  "southeastasia",
  "spaincentral",
  "swedencentral",
  "switzerlandnorth",
  "uaenorth",
  "uksouth",
  "westeurope",
  "westus2",
  "westus3",
];

const named = (zones: Readonly<Record<string, string>>, separator: string): Readonly<Record<string, string[]>> =>
  Object.fromEntries(
    Object.entries(zones).map(([region, letters]) => [
      region,
      [...letters].map((letter) => `${region}${separator}${letter}`),
    ]),
  );

/** The regions that the platform can use on each cloud, with the names of their zones in the order of use. */
export const zonesByRegion: Readonly<Record<RegionalCloud, Readonly<Record<string, readonly string[]>>>> = {
  aws: named(awsZones, ""),
  gcp: named(gcpZones, "-"),
  azure: Object.fromEntries(azureWithZones.map((region) => [region, ["1", "2", "3"]])),
};

/** Regions whose RDS signs with a root that is in no public collection of them: its databases could not be checked. */
export const awsWithoutRdsRoot: readonly string[] = [
  "ap-east-2",
  "ap-southeast-5",
  "ap-southeast-7",
  "ca-west-1",
  "il-central-1",
  "mx-central-1",
];

/** The neutral name of a region that some cloud calls `native`. */
export const neutralName = (native: string): string | undefined =>
  Object.keys(neutralRegions).find((neutral) => Object.values(neutralRegions[neutral] ?? {}).includes(native));
