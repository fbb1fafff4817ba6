import { at, type Kind, type Rule, text, textsAt, type UpdateRule, type View } from "../kind.js";
import { allOf, firstOf, fixed, inGroup, isBusy, names, oneByOne, type Step } from "./arm.js";
import { accountIsBusy, ENDPOINT, isLinked, LINK, SUBNET } from "./network.js";
import { codes } from "./words.js";

const POSTGRES = "Microsoft.DBforPostgreSQL";
const CACHE = "Microsoft.Cache";
const STORAGE = "Microsoft.Storage";

export const SERVER = "azure-native:dbforpostgresql:Server";
const CONFIGURATION = "azure-native:dbforpostgresql:Configuration";
const DATABASE = "azure-native:dbforpostgresql:Database";
export const REDIS = "azure-native:redisenterprise:RedisEnterprise";
const REDIS_DATABASE = "azure-native:redisenterprise:Database";
export const STORAGE_ACCOUNT = "azure-native:storage:StorageAccount";
const BLOB_SERVICE = "azure-native:storage:BlobServiceProperties";
export const CONTAINER = "azure-native:storage:BlobContainer";
const POLICY = "azure-native:storage:ManagementPolicy";

const server: Step = { of: "flexibleServers", named: "serverName", type: SERVER };
const redis: Step = { of: "redisEnterprise", named: "clusterName", type: REDIS };
const storage: Step = { of: "storageAccounts", named: "accountName", type: STORAGE_ACCOUNT };

const serverIsBusy = (name: unknown): string =>
  `ServerIsBusy: Cannot complete operation while server '${name}' is busy processing another operation. Try again later.`;

const oneByOneOnServer = oneByOne([CONFIGURATION, DATABASE], "serverName", ({ serverName }) =>
  serverIsBusy(serverName),
);

/** A server that is being changed, or that gets a replica, takes no other change. */
const serverIsFree: Rule = (inputs, view) => {
  const { serverName, resourceGroupName } = inputs;
  const source = view.find(SERVER, serverName)?.id;
  return isBusy(view, [SERVER], "serverName", { serverName, resourceGroupName }) || isCopied(view, source)
    ? serverIsBusy(serverName)
    : undefined;
};

const isCopied = (view: View, source: string | undefined, but = ""): boolean =>
  view.busy(SERVER).some(({ id, inputs }) => id !== but && inputs["sourceServerResourceId"] === source);

/** The service looks the server's own name up from inside, so the zone has to be the network's when the server comes. */
const isFound: Rule = ({ network }, view) => {
  const zone = text(at(network, "privateDnsZoneArmResourceId"));
  const subnet = view.find(SUBNET, at(network, "delegatedSubnetResourceId"));
  if (zone === "" || subnet === undefined) return undefined;
  if (!zone.endsWith(".postgres.database.azure.com"))
    return `InvalidPrivateDnsZoneName: The private DNS zone ${zone} must end with .postgres.database.azure.com.`;
  const vnet = subnet.id.replace(/\/subnets\/[^/]+$/, "");
  return isLinked(zone, view.all(LINK), vnet)
    ? undefined
    : `VnetNotLinkedToPrivateDnsZone: The virtual network ${vnet} is not linked to the private DNS zone ${zone}.`;
};

const standsAlone: Rule = ({ network }, view) => {
  const id = at(network, "delegatedSubnetResourceId");
  const subnet = view.find(SUBNET, id);
  if (subnet === undefined || subnet.planted) return undefined;
  return JSON.stringify(subnet.inputs["delegations"] ?? []).includes("Microsoft.DBforPostgreSQL/flexibleServers")
    ? undefined
    : `SubnetMissingRequiredDelegation: Subnet ${id} is missing required delegation Microsoft.DBforPostgreSQL/flexibleServers.`;
};

const tierFits: Rule = ({ sku, highAvailability, sourceServerResourceId }, view) => {
  const burstable = at(sku, "tier") === "Burstable";
  const mode = at(highAvailability, "mode") ?? "Disabled";
  if (burstable && mode !== "Disabled")
    return "HANotSupportedForBurstableSkuTier: High availability is not supported for Burstable SKU.";
  if (sourceServerResourceId === undefined) return undefined;
  const source = view.find(SERVER, sourceServerResourceId);
  return burstable || at(source?.inputs, "sku.tier") === "Burstable"
    ? "ReadReplicaNotSupportedForBurstableSkuTier: Read replicas are not supported for Burstable SKU."
    : undefined;
};

const oneCopyAtATime: Rule = ({ sourceServerResourceId }, view, id) => {
  if (sourceServerResourceId === undefined) return undefined;
  const name = text(sourceServerResourceId).split("/").at(-1);
  const source = view.find(SERVER, sourceServerResourceId);
  const others = [CONFIGURATION, DATABASE].some((type) =>
    view.busy(type).some(({ inputs }) => inputs["serverName"] === name),
  );
  return source?.busy === true || others || isCopied(view, text(sourceServerResourceId), id)
    ? serverIsBusy(name)
    : undefined;
};

const growsOnly: UpdateRule = (olds, news) =>
  Number(at(news, "storage.storageSizeGB")) < Number(at(olds, "storage.storageSizeGB"))
    ? "InvalidParameterValue: Storage size cannot be reduced: 'storage.storageSizeGB'."
    : undefined;

const noOlder: UpdateRule = (olds, news, view, id) => {
  if (olds["version"] === news["version"]) return undefined;
  if (Number(news["version"]) < Number(olds["version"]))
    return `ServerVersionDowngradeNotSupported: A server of version ${olds["version"]} cannot become one of version ${news["version"]}.`;
  return view.all(SERVER).some(({ inputs }) => inputs["sourceServerResourceId"] === id)
    ? "MajorVersionUpgradeNotSupportedForReadReplicas: Delete the read replicas of the server first."
    : undefined;
};

/** A replica is never smaller than its source: up it goes first, down last. */
const copiesFollow: UpdateRule = (_, news, view, id) => {
  const cores = (sku: unknown) => Number(/_[A-Z]+(\d+)/.exec(text(at(sku, "name")))?.[1]);
  const small = view
    .all(SERVER)
    .find(({ inputs }) => inputs["sourceServerResourceId"] === id && cores(inputs["sku"]) < cores(news["sku"]));
  return small === undefined
    ? undefined
    : `ReplicaSkuTooSmall: The read replica ${small.id} must be scaled up before its source.`;
};

const decidedOnce = fixed(
  (path) =>
    `InvalidParameterValue: The value of the parameter '${path}' cannot be changed after the server was created.`,
  "administratorLogin",
  "backup.geoRedundantBackup",
  "network.delegatedSubnetResourceId",
  "network.privateDnsZoneArmResourceId",
  "storage.type",
  "availabilityZone",
);

const nothingGoesOn: UpdateRule = (_, news, view, id) =>
  isBusy(view, [CONFIGURATION, DATABASE], "serverName", news) || isCopied(view, id)
    ? serverIsBusy(news["serverName"])
    : undefined;

const persistsOneWay: Rule = ({ persistence }) =>
  at(persistence, "aofEnabled") === true && at(persistence, "rdbEnabled") === true
    ? "BadRequest: AOF and RDB persistence cannot be enabled at the same time."
    : undefined;

/** Keys that are in one part can be parted, and never come together again. */
const keepsItsParts: UpdateRule = (olds, news) =>
  olds["clusteringPolicy"] === "NoCluster" || olds["clusteringPolicy"] === news["clusteringPolicy"]
    ? undefined
    : `BadRequest: The clustering policy ${olds["clusteringPolicy"]} cannot be changed without deleting the database.`;

const isOnlyOne: Rule = ({ databaseName }) =>
  databaseName === "default" ? undefined : "InvalidDatabaseName: The only supported database name is 'default'.";

/** Of 25 GB and more the keys are in parts. */
const fitsInOne: Rule = ({ clusterName, clusteringPolicy }, view) => {
  const size = Number(/\d+$/.exec(text(at(view.find(REDIS, clusterName)?.inputs, "sku.name")))?.[0]);
  return clusteringPolicy === "NoCluster" && size > 20
    ? "BadRequest: ClusteringPolicy NoCluster is only supported for SKUs of 25 GB and less."
    : undefined;
};

/** An endpoint that is being made holds the whole account. */
const accountIsFree: Rule = ({ accountName }, view) => {
  const account = view.find(STORAGE_ACCOUNT, accountName);
  const connecting = view
    .busy(ENDPOINT)
    .some(({ inputs }) =>
      textsAt(inputs, ["privateLinkServiceConnections", "privateLinkServiceId"]).includes(account?.id ?? ""),
    );
  return connecting || account?.busy === true ? accountIsBusy(text(accountName)) : undefined;
};
const whileAccountIsFree: NonNullable<Kind["refuses"]> = {
  create: accountIsFree,
  update: (_, news, view, id) => accountIsFree(news, view, id),
};

export const stores: Readonly<Record<string, Kind>> = {
  [SERVER]: inGroup(POSTGRES, [server], {
    noun: "server",
    codes: codes({ taken: "ServerNameAlreadyExists", quota: "SubscriptionQuotaExceeded" }),
    max: 63,
    like: /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    unique: ({ serverName }) => text(serverName),
    needs: [
      names("network.delegatedSubnetResourceId", SUBNET),
      names("network.privateDnsZoneArmResourceId", "azure-native:privatedns:PrivateZone", "leaves"),
      // Without its source a replica is a server that can be promoted.
      names("sourceServerResourceId", SERVER, "leaves"),
    ],
    refuses: {
      create: allOf(isFound, standsAlone, tierFits, oneCopyAtATime),
      update: firstOf(decidedOnce, growsOnly, noOlder, copiesFollow, nothingGoesOn, (_, news, view, id) =>
        tierFits(news, view, id),
      ),
    },
    replaceOn: ["location"],
    outputs: ({ serverName, network }) => ({
      fullyQualifiedDomainName: `${serverName}.${text(at(network, "privateDnsZoneArmResourceId")).split("/").at(-1)}`,
      state: "Ready",
      minorVersion: "4",
    }),
  }),
  [CONFIGURATION]: inGroup(POSTGRES, [server, { of: "configurations", named: "configurationName" }], {
    noun: "configuration",
    max: 100,
    // There are all of them from the start; deleting one brings its default back.
    overwrites: true,
    refuses: {
      create: allOf(oneByOneOnServer.create, serverIsFree),
      update: firstOf(oneByOneOnServer.update, (_, news, view, id) => serverIsFree(news, view, id)),
      delete: allOf(oneByOneOnServer.delete, serverIsFree),
    },
    outputs: () => ({ isConfigPendingRestart: false, isDynamicConfig: true }),
  }),
  [DATABASE]: inGroup(POSTGRES, [server, { of: "databases", named: "databaseName" }], {
    noun: "database",
    max: 63,
    refuses: {
      create: allOf(oneByOneOnServer.create, serverIsFree),
      update: fixed(
        (path) => `InvalidParameterValue: The ${path} of a database cannot be changed.`,
        "charset",
        "collation",
      ),
    },
  }),
  [REDIS]: inGroup(CACHE, [redis], {
    noun: "cache",
    codes: codes({ taken: "NameNotAvailable" }),
    max: 60,
    like: /^(?=.{1,60}$)[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/,
    unique: ({ clusterName }) => text(clusterName),
    replaceOn: ["location"],
    outputs: ({ clusterName, location }) => ({
      hostName: `${clusterName}.${location}.redis.azure.net`,
      provisioningState: "Succeeded",
      resourceState: "Running",
    }),
  }),
  [REDIS_DATABASE]: inGroup(CACHE, [redis, { of: "databases", named: "databaseName" }], {
    noun: "database of a cache",
    max: 60,
    refuses: {
      create: allOf(isOnlyOne, persistsOneWay, fitsInOne),
      update: firstOf(
        fixed((path) => `BadRequest: ${path} of a database cannot be changed once it is made.`, "port", "modules"),
        keepsItsParts,
        (_, news, view, id) => allOf(persistsOneWay, fitsInOne)(news, view, id),
      ),
    },
    outputs: () => ({ provisioningState: "Succeeded", resourceState: "Running" }),
  }),
  [STORAGE_ACCOUNT]: inGroup(STORAGE, [storage], {
    noun: "storage account",
    codes: codes({ taken: "StorageAccountAlreadyTaken", quota: "MaxStorageAccountsCountPerSubscriptionExceeded" }),
    max: 24,
    like: /^[a-z0-9]{3,24}$/,
    given: true,
    unique: ({ accountName }) => text(accountName),
    quota: 250,
    replaceOn: ["location", "isHnsEnabled"],
    refuses: {
      update: fixed(
        (path) =>
          `AccountPropertyCannotBeUpdated: The property '${path}' was specified in the input, but it cannot be updated.`,
        "kind",
      ),
    },
    outputs: ({ accountName }) => ({
      primaryEndpoints: { blob: `https://${accountName}.blob.core.windows.net/` },
      provisioningState: "Succeeded",
    }),
  }),
  [BLOB_SERVICE]: inGroup(STORAGE, [storage, { of: "blobServices", named: "blobServicesName" }], {
    noun: "blob service",
    max: 20,
    like: /^default$/,
    // It comes with the account.
    overwrites: true,
    refuses: whileAccountIsFree,
  }),
  [POLICY]: inGroup(STORAGE, [storage, { of: "managementPolicies", named: "managementPolicyName" }], {
    noun: "management policy",
    max: 20,
    like: /^default$/,
    refuses: whileAccountIsFree,
  }),
  [CONTAINER]: inGroup(
    STORAGE,
    [storage, { of: "blobServices", named: "blobServicesName" }, { of: "containers", named: "containerName" }],
    {
      noun: "container",
      max: 63,
      like: /^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    },
  ),
};
