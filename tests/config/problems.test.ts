import { awsStack as aws } from "../support/settings.js";
import { refuses } from "./refuses.js";

/** Where nobody is told anything. */
const monitoring = { mode: "none" };

const KEYS =
  "name, cloud, region, environment, size, tags, deletionProtection, network, cluster, databases, caches, buckets, secretStore, registry, domain, services, gateway, monitoring, standby, mirror, aws, gcp, azure, database, cache or bucket";
const REGIONS =
  "a region of aws, or one of us-east, us-central, us-west, ca-central, sa-east, eu-west, eu-central, eu-north, eu-south, uk-south, fr-central, ch-north, me-central, in-west, ap-southeast, ap-northeast, kr-central, au-east or za-north";

describe("the stack", () => {
  refuses("an empty stack says what it needs", {}, [
    "cloud: missing; expected aws, gcp, azure or local; set it with: pulumi config set cloud aws",
    "region: missing; expected a region, native like eu-west-1 or neutral like eu-west; set it with: pulumi config set region eu-west",
  ]);

  refuses("an unknown cloud names the clouds", { cloud: "awz", region: "eu-west" }, [
    'cloud: "awz" will not do; did you mean aws?; expected aws, gcp, azure or local; set it with: pulumi config set cloud aws',
  ]);

  refuses("a cloud that is far from all names is not guessed", { cloud: "oracle", region: "eu-west" }, [
    'cloud: "oracle" will not do; expected aws, gcp, azure or local; set it with: pulumi config set cloud aws',
  ]);

  refuses("an unknown size and environment name the nearest", { ...aws, size: "mediun", environment: "prodution" }, [
    'environment: "prodution" will not do; did you mean production?; expected development, staging, production or dr; set it with: pulumi config set environment production',
    'size: "mediun" will not do; did you mean medium?; expected small, medium or large; set it with: pulumi config set size medium',
  ]);

  refuses("an unknown key names the nearest, and moves its value", { cloud: "aws", regoin: "eu-west" }, [
    "region: missing; expected a region, native like eu-west-1 or neutral like eu-west; set it with: pulumi config set region eu-west",
    `regoin: unknown key; did you mean region?; expected ${KEYS}; rename it with: pulumi config rm regoin && pulumi config set region eu-west`,
  ]);

  refuses("an unknown key beside the right one is taken out", { ...aws, regoin: "eu-west" }, [
    `regoin: unknown key; did you mean region?; expected ${KEYS}; remove it with: pulumi config rm regoin`,
  ]);

  refuses("an unknown key near a short form means the short form", { ...aws, databse: { memory: 8 } }, [
    `databse: unknown key; did you mean database?; expected ${KEYS}; rename it with: pulumi config rm databse && pulumi config set database '{"memory":8}'`,
  ]);

  refuses("a word from a single-cloud program leads to its part", { ...aws, redis: { memory: 2 } }, [
    `redis: unknown key; did you mean cache?; expected ${KEYS}; rename it with: pulumi config rm redis && pulumi config set cache '{"memory":2}'`,
  ]);

  refuses("an unknown nested key names the nearest", { ...aws, cache: { shard: 2 } }, [
    "cache.shard: unknown key; did you mean shards?; expected mode, version, memory, shards, replicas, evictionPolicy, snapshots or maintenanceWindow; rename it with: pulumi config rm --path cache.shard && pulumi config set --path cache.shards 2",
  ]);

  refuses("an unknown key that is near to nothing lists the keys", { ...aws, gateway: { colour: "red" } }, [
    "gateway.colour: unknown key; expected expose, internal, sources, nodeAddress, nodePorts, replicas, cpu, memory, idleTimeout, drain, tls or acme; remove it with: pulumi config rm --path gateway.colour",
  ]);

  refuses(
    "keys that every object inherits are unknown keys",
    JSON.parse(
      '{"cloud":"aws","region":"eu-west-1","constructor":1,"__proto__":{"x":1},"tags":{"__proto__":"y"},"gateway":{"toString":1}}',
    ),
    [
      "__proto__: unknown key; expected another name; remove it with: pulumi config rm __proto__",
      "tags.__proto__: unknown key; expected another name; remove it with: pulumi config rm --path tags.__proto__",
      "gateway.toString: unknown key; expected expose, internal, sources, nodeAddress, nodePorts, replicas, cpu, memory, idleTimeout, drain, tls or acme; remove it with: pulumi config rm --path gateway.toString",
      `constructor: unknown key; expected ${KEYS}; remove it with: pulumi config rm constructor`,
    ],
  );

  refuses("a region that does not exist names the nearest", { cloud: "aws", region: "eu-wst-1" }, [
    `region: aws has no region "eu-wst-1"; did you mean eu-west-1?; expected ${REGIONS}; set it with: pulumi config set region eu-west-1`,
  ]);

  refuses("a region that is like no other gets an example", { cloud: "aws", region: "mars" }, [
    `region: aws has no region "mars"; expected ${REGIONS}; set it with: pulumi config set region eu-west`,
  ]);

  refuses("another cloud's region names the neighbour", { cloud: "aws", region: "europe-west1" }, [
    `region: europe-west1 is another cloud's region; expected ${REGIONS}; set it with: pulumi config set region eu-west-1`,
  ]);

  refuses("a name that is too long says by how much", { ...aws, name: "agentplatform" }, [
    'name: "agentplatform" is 5 characters too long; expected 1 to 8 lower-case letters and digits, beginning with a letter; set it with: pulumi config set name agentpla',
  ]);

  refuses("a name with capitals is written small", { ...aws, name: "Agents" }, [
    'name: "Agents" will not do; expected 1 to 8 lower-case letters and digits, beginning with a letter; set it with: pulumi config set name agents',
  ]);

  refuses("a name of another alphabet shows, and gets an example", { ...aws, name: "агент" }, [
    'name: "агент" will not do; expected 1 to 8 lower-case letters and digits, beginning with a letter; set it with: pulumi config set name agents',
  ]);

  refuses("a name with shell characters is quoted, never run", { ...aws, name: "$(rm -rf ~)'`x`" }, [
    'name: "$(rm -rf ~)\'`x`" is 7 characters too long; expected 1 to 8 lower-case letters and digits, beginning with a letter; set it with: pulumi config set name agents',
  ]);

  refuses("what does not show is spelled out", { ...aws, name: "a\u202eb\u0000\u001b[31m\nc" }, [
    'name: "a\\u{202e}b\\u0000\\u001b[31m\\nc" is 3 characters too long; expected 1 to 8 lower-case letters and digits, beginning with a letter; set it with: pulumi config set name agents',
  ]);

  refuses("a key with shell characters is quoted", { ...aws, "it's; rm": 1 }, [
    `["it's; rm"]: unknown key; expected ${KEYS}; remove it with: pulumi config rm 'it'\\''s; rm'`,
  ]);

  refuses(
    "a key that the command line cannot name is left to the file",
    { ...aws, "a:b": 1, "x\ny": 2, tags: { 'q"\\': "v" } },
    [
      'tags["q\\"\\"]: "q\\"\\\\" will not do; expected a tag key of letters, digits, - and _; rename it to tags.owner in the stack file',
      `["a:b"]: unknown key; expected ${KEYS}; take it out of the stack file`,
      `["x\\u{a}y"]: unknown key; expected ${KEYS}; take it out of the stack file`,
    ],
  );
});

describe("types", () => {
  refuses(
    "texts, lists and plain values where a map is wanted",
    { ...aws, network: ["10.0.0.0/16"], cluster: "big", services: 3, tags: "x", gateway: true },
    [
      'tags: "x" will not do; expected a map; remove it with: pulumi config rm tags',
      "network: a list will not do; expected a map with mode managed, existing or none; remove it with: pulumi config rm network",
      'cluster: "big" will not do; expected a map with mode managed or existing; remove it with: pulumi config rm cluster',
      "services: 3 will not do; expected a map; remove it with: pulumi config rm services",
      "gateway: true will not do; expected a map; remove it with: pulumi config rm gateway",
    ],
  );

  refuses(
    "maps and plain values where a list is wanted",
    { ...aws, cluster: { access: { cidrs: "203.0.113.0/24" }, admins: { a: 1 } } },
    [
      'cluster.access.cidrs: "203.0.113.0/24" will not do; expected a list of IPv4 ranges; set it with: pulumi config set --path cluster.access.cidrs \'["203.0.113.0/24"]\'',
      "cluster.admins: a map will not do; expected a list; set it with: pulumi config set --path cluster.admins '[\"arn:aws:iam::123456789012:role/admin\"]'",
    ],
  );

  refuses("lists and maps where a text is wanted", { ...aws, name: ["a"], size: { a: 1 } }, [
    "name: a list will not do; expected 1 to 8 lower-case letters and digits, beginning with a letter; set it with: pulumi config set name agents",
    "size: a map will not do; expected small, medium or large; set it with: pulumi config set size small",
  ]);

  refuses(
    "nothing where something is wanted",
    {
      cloud: null,
      region: "",
      network: null,
      services: null,
      name: "",
      cluster: { version: null, access: { cidrs: [] } },
    },
    [
      "name: empty; expected 1 to 8 lower-case letters and digits, beginning with a letter; set it with: pulumi config set name agents",
      "cloud: empty; expected aws, gcp, azure or local; set it with: pulumi config set cloud aws",
      "region: empty; expected a region, native like eu-west-1 or neutral like eu-west; set it with: pulumi config set region eu-west",
      "network: empty; expected a map with mode managed, existing or none; remove it with: pulumi config rm network",
      "cluster.version: empty; expected 1.36 or 1.35; set it with: pulumi config set --path cluster.version 1.36",
      "cluster.access.cidrs: an empty list; expected a list of IPv4 ranges; set it with: pulumi config set --path cluster.access.cidrs '[\"203.0.113.0/24\"]'",
      "services: empty; expected a map; remove it with: pulumi config rm services",
    ],
  );

  refuses(
    "negative, zero, fractional and huge numbers",
    { ...aws, cache: { shards: 0 }, database: { cpu: -3, memory: 2.5, storage: 1e21, replicas: Number.NaN } },
    [
      "database.cpu: -3 is below 1; expected a whole number from 1 to 64; set it with: pulumi config set --path database.cpu 1",
      "database.memory: 2.5 is not a whole number; expected a whole number from 1 to 512; set it with: pulumi config set --path database.memory 3",
      "database.storage: 1e+21 is above 65536; expected a whole number from 20 to 65536; set it with: pulumi config set --path database.storage 65536",
      "database.replicas: NaN is not a whole number; expected a whole number from 0 to 5; set it with: pulumi config set --path database.replicas 0",
      "cache.shards: 0 is below 1; expected a whole number from 1 to 250; set it with: pulumi config set --path cache.shards 1",
    ],
  );

  refuses(
    "numbers that are words, and words that are numbers",
    { ...aws, database: { memory: "lots", highAvailability: "yes" }, cluster: { logRetentionDays: 31 } },
    [
      "cluster.logRetentionDays: 31 will not do; expected 1, 3, 7, 14, 30, 60, 90, 180 or 365; set it with: pulumi config set --path cluster.logRetentionDays 30",
      'database.memory: "lots" will not do; expected a whole number from 1 to 512; set it with: pulumi config set --path database.memory 1',
      'database.highAvailability: "yes" will not do; expected true or false; set it with: pulumi config set --path database.highAvailability true',
    ],
  );

  refuses("maps that are no JSON", { ...aws, network: '{"zones": 2', cluster: { access: "[1" } }, [
    'network: "{\\"zones\\": 2" will not do; expected a map with mode managed, existing or none; remove it with: pulumi config rm network',
    'cluster.access: "[1" will not do; expected a map; remove it with: pulumi config rm --path cluster.access',
  ]);

  refuses("an empty domain", { ...aws, domain: "" }, [
    "domain: empty; expected a host name, or a map with mode managed, existing or none; set it with: pulumi config set domain agents.example.com",
  ]);

  refuses("a domain that is no host name", { ...aws, domain: "Agents_Example" }, [
    'domain: "Agents_Example" will not do; expected a host name of lower-case labels with dots between them; set it with: pulumi config set domain agents.example.com',
  ]);

  refuses("a domain without its name", { ...aws, domain: { mode: "managed" } }, [
    "domain.name: missing; expected a host name of lower-case labels with dots between them; set it with: pulumi config set --path domain.name agents.example.com",
  ]);

  refuses("a list where a domain is wanted", { ...aws, domain: ["agents.example.com"] }, [
    "domain: a list will not do; expected a host name, or a map with mode managed, existing or none; set it with: pulumi config set domain agents.example.com",
  ]);

  refuses("keys of maps that are no names", { ...aws, databases: { "Main DB": { memory: 8 }, ["x".repeat(45)]: {} } }, [
    'databases["Main DB"]: "Main DB" will not do; expected 1 to 40 lower-case letters, digits and single hyphens, beginning with a letter; rename it with: pulumi config rm --path \'databases["Main DB"]\' && pulumi config set --path databases.main-db \'{"memory":8}\'',
    "databases.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\" is 5 characters too long; expected 1 to 40 lower-case letters, digits and single hyphens, beginning with a letter; rename it with: pulumi config rm --path databases.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx && pulumi config set --path databases.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx '{}'",
  ]);

  refuses("an unknown mode names the nearest", { ...aws, network: { mode: "exsting" } }, [
    'network.mode: "exsting" will not do; did you mean existing?; expected managed or existing; set it with: pulumi config set --path network.mode existing',
  ]);

  refuses("a key of another mode, with no mode said, says the mode", { ...aws, network: { id: "vpc-0a1b2c3d" } }, [
    "network.id: does not go with mode managed; expected mode existing with it; set it with: pulumi config set --path network.mode existing",
  ]);

  refuses("a key of another mode, with the mode said, goes", { ...aws, registry: { mode: "none", keepImages: 5 } }, [
    "registry.keepImages: does not go with mode none; expected mode managed with it; remove it with: pulumi config rm --path registry.keepImages",
  ]);

  refuses(
    "a map inside of an id says what it lacks",
    { ...aws, network: { mode: "existing", id: { fromStak: "prod" }, subnets: { private: [1, ""] } } },
    [
      "network.id.fromStack: missing; expected a stack: NAME, or ORGANIZATION/PROJECT/NAME; set it with: pulumi config set --path network.id.fromStack acme/agent-platform/prod",
      "network.id.fromStak: unknown key; did you mean fromStack?; expected fromStack or output; rename it with: pulumi config rm --path network.id.fromStak && pulumi config set --path network.id.fromStack prod",
      "network.subnets.private[1]: empty; expected a text that is not empty; set it with: pulumi config set --path 'network.subnets.private[1]' subnet-0a1b2c3d",
    ],
  );

  refuses("short and long form at once", { ...aws, database: { memory: 8 }, databases: { main: { memory: 8 } } }, [
    "database: said twice: it is short for databases.main; expected one of database and databases.main; remove it with: pulumi config rm database",
  ]);

  refuses(
    "an object as JSON text is told, and rewritten, as a whole",
    { ...aws, cache: '{"memory": 0, "shards": 2}' },
    [
      'cache.memory: 0 is below 1; expected a whole number from 1 to 400; set it with: pulumi config set cache \'{"memory":1,"shards":2}\'',
    ],
  );
});

describe("existing parts", () => {
  refuses("an existing network says its id and two private subnets", { ...aws, network: { mode: "existing" } }, [
    "network.id: missing: an existing part must say it; expected a value, or fromStack for the whole part; set it with: pulumi config set --path network.id vpc-0a1b2c3d",
    'network.subnets.private: missing: an existing part must say it; expected a value, or fromStack for the whole part; set it with: pulumi config set --path network.subnets.private \'["subnet-0a1b2c3d","subnet-4e5f6a7b"]\'',
  ]);

  refuses(
    "one private subnet is not enough",
    { ...aws, network: { mode: "existing", id: "vpc-1", subnets: { private: ["subnet-1"] } } },
    [
      'network.subnets.private: one subnet; expected subnets in two zones or more; set it with: pulumi config set --path network.subnets.private \'["subnet-0a1b2c3d","subnet-4e5f6a7b"]\'',
    ],
  );

  refuses("an existing cluster says its name", { ...aws, cluster: { mode: "existing" } }, [
    "cluster.id: missing: an existing part must say it; expected a value, or fromStack for the whole part; set it with: pulumi config set --path cluster.id my-cluster",
  ]);

  refuses("an existing database says host and owner", { ...aws, database: { mode: "existing" } }, [
    "database.host: missing: an existing part must say it; expected a value, or fromStack for the whole part; set it with: pulumi config set --path database.host db.example.com",
    "database.ownerSecret: missing: an existing part must say it; expected a value, or fromStack for the whole part; set it with: pulumi config set --path database.ownerSecret team/db-owner",
  ]);

  refuses(
    "existing caches, buckets, secret stores, registries and zones say theirs",
    {
      ...aws,
      cache: { mode: "existing" },
      bucket: { mode: "existing" },
      secretStore: { mode: "existing" },
      registry: { mode: "existing" },
      domain: { mode: "existing", name: "agents.example.com" },
    },
    [
      "registry.url: missing; expected a text that is not empty; set it with: pulumi config set --path registry.url registry.example.com/team",
      "secretStore.id: missing: an existing part must say it; expected a value, or fromStack for the whole part; set it with: pulumi config set --path secretStore.id arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d",
      "domain.zone: missing: an existing part must say it; expected a value, or fromStack for the whole part; set it with: pulumi config set --path domain.zone Z0123456789",
      "cache.host: missing: an existing part must say it; expected a value, or fromStack for the whole part; set it with: pulumi config set --path cache.host cache.example.com",
      "bucket.id: missing: an existing part must say it; expected a value, or fromStack for the whole part; set it with: pulumi config set --path bucket.id my-bucket",
    ],
  );

  refuses("an existing bucket of local says endpoint and keys", { cloud: "local", bucket: { id: "b" } }, [
    "bucket.endpoint: missing: an existing part must say it; expected a value; set it with: pulumi config set --path bucket.endpoint https://s3.example.com",
    "bucket.credentialsSecret: missing: an existing part must say it; expected a value; set it with: pulumi config set --path bucket.credentialsSecret s3",
  ]);

  refuses("a replica says of what", { ...aws, database: { mode: "replica" } }, [
    "database.of: missing: nothing says which stack has the primary; expected a stack, or standby.of for all of them; set it with: pulumi config set --path database.of prod",
  ]);
});

describe("what a cloud lacks", () => {
  refuses(
    "local says why, and what to do instead",
    {
      cloud: "local",
      network: { mode: "managed" },
      cluster: { mode: "managed" },
      database: { mode: "managed" },
      cache: { mode: "managed" },
      bucket: { mode: "managed" },
      registry: { mode: "managed" },
    },
    [
      "network.mode: local has no network.managed: local uses the network of the cluster that exists; expected mode none; remove it with: pulumi config rm --path network.mode",
      "cluster.mode: local has no cluster.managed: local uses a cluster that exists; expected mode existing, with cluster.context; remove it with: pulumi config rm --path cluster.mode",
      "registry.mode: local has no registry.managed: local makes no image registry; expected mode existing with registry.url, or mode none; remove it with: pulumi config rm --path registry.mode",
      "database.mode: local has no databases.managed: local is a cluster that exists and makes no database service of its own; expected mode inCluster or existing; remove it with: pulumi config rm --path database.mode",
      "cache.mode: local has no caches.managed: local is a cluster that exists and makes no cache service of its own; expected mode inCluster or existing; remove it with: pulumi config rm --path cache.mode",
      "bucket.mode: local has no buckets.managed: local makes no object store; expected mode existing with the endpoint of an S3-compatible store; remove it with: pulumi config rm --path bucket.mode",
    ],
  );

  refuses(
    "local refuses a domain and a standby",
    { cloud: "local", domain: "agents.example.com", standby: { of: "prod" } },
    [
      "domain: local has no domain.managed: local has no DNS service; expected mode none, and the printed address; remove it with: pulumi config rm domain",
      "standby: local has no standby: a cluster that exists cannot stand by for a cloud; expected a stack on a cloud; remove it with: pulumi config rm standby",
    ],
  );

  refuses(
    "local says why a key does not go",
    {
      cloud: "local",
      network: { cidr: "10.0.0.0/16" },
      cluster: { version: "1.36" },
      database: { backup: { retentionDays: 3 } },
      cache: { maintenanceWindow: "Sun:01:00-02:00" },
      bucket: { versioning: true, id: "b", endpoint: "https://s3.example.com", credentialsSecret: "s3" },
    },
    [
      "network.cidr: does not go with mode none: local uses the network of the cluster that exists; expected mode none; remove it with: pulumi config rm --path network.cidr",
      "cluster.version: does not go with mode existing: local uses a cluster that exists; expected mode existing, with cluster.context; remove it with: pulumi config rm --path cluster.version",
      "database.backup: does not go with mode inCluster: local is a cluster that exists and makes no database service of its own; expected mode inCluster or existing; remove it with: pulumi config rm --path database.backup",
      "cache.maintenanceWindow: does not go with mode inCluster: local is a cluster that exists and makes no cache service of its own; expected mode inCluster or existing; remove it with: pulumi config rm --path cache.maintenanceWindow",
      "bucket.versioning: does not go with mode existing: local makes no object store; expected mode existing with the endpoint of an S3-compatible store; remove it with: pulumi config rm --path bucket.versioning",
    ],
  );

  refuses("a cache in the cluster has one shard", { cloud: "local", cache: { shards: 3 } }, [
    "cache.shards: 3 shards, and a cache in the cluster has no cluster mode; expected 1; set it with: pulumi config set --path cache.shards 1",
  ]);

  refuses("a cache in the cluster has one shard on a cloud too", { ...aws, cache: { mode: "inCluster", shards: 3 } }, [
    "cache.shards: 3 shards, and a cache in the cluster has no cluster mode; expected 1, or mode managed; set it with: pulumi config set --path cache.shards 1",
  ]);

  refuses("aws needs a network", { ...aws, network: { mode: "none" } }, [
    "network.mode: aws has no network.none: nodes and databases need subnets; expected mode managed or existing; remove it with: pulumi config rm --path network.mode",
  ]);
});

describe("addresses", () => {
  refuses("a network that overlaps the Services' range", { ...aws, network: { cidr: "172.20.0.0/16" } }, [
    "network.cidr: 172.20.0.0/16 overlaps cluster.serviceCidr 172.20.0.0/16; expected ranges that do not overlap; set it with: pulumi config set --path network.cidr 10.0.0.0/16",
  ]);

  refuses(
    "the Services' range that overlaps the network is the one to change when it is the one said",
    { ...aws, cluster: { serviceCidr: "10.0.0.0/12" } },
    [
      "cluster.serviceCidr: 10.0.0.0/12 overlaps network.cidr 10.0.0.0/16; expected ranges that do not overlap; set it with: pulumi config set --path cluster.serviceCidr 172.20.0.0/16",
    ],
  );

  refuses("a range that does not begin where it should", { ...aws, network: { cidr: "10.0.5.0/16" } }, [
    "network.cidr: 10.0.5.0/16 does not begin at a /16 boundary: 10.0.0.0/16 does; expected an IPv4 range like 10.0.0.0/16; set it with: pulumi config set --path network.cidr 10.0.0.0/16",
  ]);

  refuses(
    "a range that is none",
    {
      ...aws,
      network: { cidr: "10.0.0.0/33" },
      cluster: { serviceCidr: "300.1.1.1/16", access: { cidrs: ["10.0.0.0", "010.0.0.0/8", "203.0.113.9/24"] } },
    },
    [
      "cluster.access.cidrs[0]: \"10.0.0.0\" will not do; expected an IPv4 range in CIDR form; set it with: pulumi config set --path 'cluster.access.cidrs[0]' 203.0.113.0/24",
      "network.cidr: 10.0.0.0/33 is not an IPv4 range; expected an IPv4 range like 10.0.0.0/16; set it with: pulumi config set --path network.cidr 10.0.0.0/16",
      "cluster.serviceCidr: 300.1.1.1/16 is not an IPv4 range; expected an IPv4 range like 10.0.0.0/16; set it with: pulumi config set --path cluster.serviceCidr 172.20.0.0/16",
      "cluster.access.cidrs[1]: 010.0.0.0/8 is not an IPv4 range; expected an IPv4 range like 203.0.113.0/24; set it with: pulumi config set --path 'cluster.access.cidrs[1]' 203.0.113.0/24",
      "cluster.access.cidrs[2]: 203.0.113.9/24 does not begin at a /24 boundary: 203.0.113.0/24 does; expected an IPv4 range like 203.0.113.0/24; set it with: pulumi config set --path 'cluster.access.cidrs[2]' 203.0.113.0/24",
    ],
  );

  refuses(
    "ranges that are too small and too large",
    { ...aws, network: { cidr: "10.0.5.0/24" }, cluster: { serviceCidr: "172.20.0.0/28" } },
    [
      "network.cidr: 10.0.5.0/24 is a /24; expected /16 to /22; set it with: pulumi config set --path network.cidr 10.0.4.0/22",
      "cluster.serviceCidr: 172.20.0.0/28 is a /28; expected /12 to /24; set it with: pulumi config set --path cluster.serviceCidr 172.20.0.0/24",
    ],
  );

  refuses(
    "ranges that are not private",
    { ...aws, network: { cidr: "8.8.0.0/16" }, cluster: { serviceCidr: "100.64.0.0/16" } },
    [
      "network.cidr: 8.8.0.0/16 is not private; expected a range in 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10; set it with: pulumi config set --path network.cidr 10.0.0.0/16",
      "cluster.serviceCidr: 100.64.0.0/16 is not private; expected a range in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16; set it with: pulumi config set --path cluster.serviceCidr 172.20.0.0/16",
    ],
  );

  refuses("no way out for nodes", { ...aws, network: { nat: "none" } }, [
    "network.nat: none, and no private endpoints: nodes could not reach the cloud's own services; expected nat single or perZone, or private endpoints; set it with: pulumi config set --path network.privateEndpoints true",
  ]);
});

describe("the API server", () => {
  refuses("production does not leave the API server open", { ...aws, environment: "production", monitoring }, [
    "cluster.access: the API server is open to the whole internet; expected cluster.access.cidrs or cluster.access.private in production; set it with: pulumi config set --path 'cluster.access.cidrs[0]' 203.0.113.0/24",
  ]);

  refuses("the standby does not leave the API server open", { ...aws, environment: "dr", monitoring }, [
    "cluster.access: the API server is open to the whole internet; expected cluster.access.cidrs or cluster.access.private in production; set it with: pulumi config set --path 'cluster.access.cidrs[0]' 203.0.113.0/24",
  ]);

  refuses(
    "production does not open the API server to the whole internet, nor to a large part of it",
    {
      ...aws,
      environment: "production",
      monitoring,
      cluster: { access: { cidrs: ["0.0.0.0/0", "128.0.0.0/1", "203.0.113.0/24"] } },
    },
    [
      "cluster.access.cidrs[0]: 0.0.0.0/0 is the whole internet; expected the addresses that deploy; set it with: pulumi config set --path 'cluster.access.cidrs[0]' 203.0.113.0/24",
      "cluster.access.cidrs[1]: 128.0.0.0/1 is 1/2 of the internet; expected the addresses that deploy; set it with: pulumi config set --path 'cluster.access.cidrs[1]' 203.0.113.0/24",
    ],
  );
});

describe("names, tags and parameters", () => {
  refuses(
    "names that are too long for their service",
    {
      ...aws,
      environment: "production",
      monitoring,
      cluster: { access: { private: true }, pools: { "a-pool-whose-name-is-far-too-long-xxxxx": {} } },
      caches: { "sessions-of-users": { memory: 2 } },
      databases: { "analytics-of-the-whole-company": {} },
      services: { "the-service-that-answers-all-questions": {} },
    },
    [
      "databases.analytics-of-the-whole-company: agents-production-db-analytics-of-the-whole-company is 6 characters too long for RDS, which takes 63 with 18 added; expected a key of at most 24 characters; rename it with: pulumi config rm --path databases.analytics-of-the-whole-company && pulumi config set --path databases.analytics-of-the-whole-c '{}'",
      "caches.sessions-of-users: agents-production-kv-sessions-of-users is 6 characters too long for ElastiCache, which takes 40 with 8 added; expected a key of at most 11 characters; rename it with: pulumi config rm --path caches.sessions-of-users && pulumi config set --path caches.sessions-of '{\"memory\":2}'",
      "cluster.pools.a-pool-whose-name-is-far-too-long-xxxxx: agents-production-a-pool-whose-name-is-far-too-long-xxxxx is 2 characters too long for EKS, which takes 63 with 8 added; expected a key of at most 37 characters; rename it with: pulumi config rm --path cluster.pools.a-pool-whose-name-is-far-too-long-xxxxx && pulumi config set --path cluster.pools.a-pool-whose-name-is-far-too-long-xxx '{}'",
    ],
  );

  refuses(
    "names that are too long for Kubernetes",
    { cloud: "local", name: "agentsxx", databases: { "analytics-of-the-whole-company-x": {} } },
    [
      "databases.analytics-of-the-whole-company-x: agentsxx-development-db-analytics-of-the-whole-company-x is 6 characters too long for CloudNativePG, which takes 50 with 0 added; expected a key of at most 26 characters; rename it with: pulumi config rm --path databases.analytics-of-the-whole-company-x && pulumi config set --path databases.analytics-of-the-whole-com '{}'",
    ],
  );

  refuses("tags that the platform sets itself", { ...aws, tags: { Name: "x", environment: "y" } }, [
    "tags.Name: the platform sets this tag itself; expected another key; remove it with: pulumi config rm --path tags.Name",
    "tags.environment: the platform sets this tag itself; expected another key; remove it with: pulumi config rm --path tags.environment",
  ]);

  refuses(
    "more tags than a resource takes",
    { ...aws, tags: Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`tag${i}`, "x"])) },
    [
      "tags: 41 tags: aws takes 50 a resource, and some are the platform's own; expected at most 40; remove it with: pulumi config rm --path tags.tag40",
    ],
  );

  refuses(
    "tags that clouds would refuse",
    { ...aws, tags: { "aws:owner": "me", owner: "a;b", "": "x", long: "y".repeat(64) } },
    [
      'tags["aws:owner"]: "aws:owner" will not do; expected a tag key of letters, digits, - and _; take it out of the stack file',
      'tags.owner: "a;b" will not do; expected 1 to 63 letters, digits, spaces and _ . : / = + @ -; set it with: pulumi config set --path tags.owner me',
      'tags[""]: empty; expected a tag key of letters, digits, - and _; remove it with: pulumi config rm --path \'tags[""]\'',
      'tags.long: "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy... is 1 character too long; expected 1 to 63 letters, digits, spaces and _ . : / = + @ -; set it with: pulumi config set --path tags.long yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy',
    ],
  );

  refuses(
    "parameters that would undo the platform's",
    { ...aws, database: { parameters: { "rds.force_ssl": "0", ssl: "off", max_connections: "9000" } } },
    [
      'database.parameters["rds.force_ssl"]: the platform sets it: connections are always encrypted; expected another parameter; remove it with: pulumi config rm --path \'database.parameters["rds.force_ssl"]\'',
      "database.parameters.ssl: the platform sets it: connections are always encrypted; expected another parameter; remove it with: pulumi config rm --path database.parameters.ssl",
      "database.parameters.max_connections: the platform sets it: it follows from the memory, so that pools can be held against it; expected another parameter; remove it with: pulumi config rm --path database.parameters.max_connections",
    ],
  );

  refuses(
    "labels that Kubernetes would refuse",
    { ...aws, cluster: { pools: { apps: { labels: { "a b": "x", tier: "-x" }, taints: [{ key: "gpu" }] } } } },
    [
      'cluster.pools.apps.labels["a b"]: "a b" will not do; expected letters, digits, -, _ and ., with an optional domain and / in front; rename it with: pulumi config rm --path \'cluster.pools.apps.labels["a b"]\' && pulumi config set --path cluster.pools.apps.labels.a-b x',
      'cluster.pools.apps.labels.tier: "-x" will not do; expected at most 63 letters, digits, -, _ and ., beginning and ending with a letter or digit; set it with: pulumi config set --path cluster.pools.apps.labels.tier x',
      "cluster.pools.apps.taints[0].effect: missing; expected NoSchedule, PreferNoSchedule or NoExecute; set it with: pulumi config set --path 'cluster.pools.apps.taints[0].effect' NoSchedule",
    ],
  );
});

describe("versions", () => {
  refuses("a version that is not offered", { ...aws, cluster: { version: "1.30" }, database: { version: 14 } }, [
    'cluster.version: "1.30" will not do; expected 1.36 or 1.35; set it with: pulumi config set --path cluster.version 1.36',
    'database.version: "14" will not do; expected 17 or 18; set it with: pulumi config set --path database.version 17',
  ]);

  refuses(
    "versions whose support has ended name one that has it",
    { ...aws, cluster: { version: "1.35" } },
    [
      "cluster.version: Kubernetes 1.35 ended on 2027-03-27; expected a version that is supported on 2027-03-28; set it with: pulumi config set --path cluster.version 1.36",
    ],
    { today: "2027-03-28" },
  );
});

describe("services", () => {
  refuses(
    "what is used exists",
    {
      ...aws,
      services: { api: { uses: ["database:analitics", "cache:x", "bucket", "queue"] } },
      databases: { main: {}, analytics: {} },
    },
    [
      "services.api.uses[3]: \"queue\" will not do; expected database, cache or bucket (with :KEY for one that is not main), service:NAME, or models; set it with: pulumi config set --path 'services.api.uses[3]' database",
      "services.api.uses[0]: there is no databases.analitics; expected databases.main or databases.analytics; set it with: pulumi config set --path 'services.api.uses[0]' database:analytics",
      "services.api.uses[1]: there is no caches.x; expected caches.main; set it with: pulumi config set --path 'services.api.uses[1]' cache",
    ],
  );

  refuses(
    "what is used answers",
    {
      ...aws,
      services: {
        api: { image: "a:1", uses: ["service:searhc", "service:mail", "service:plain", "models"] },
        search: { image: "s:1" },
        mail: { image: "m:1", kind: "worker" },
        plain: {},
      },
    },
    [
      "services.api.uses[0]: there is no services.searhc; expected services.api, services.search, services.mail or services.plain; set it with: pulumi config set --path 'services.api.uses[0]' service:search",
      "services.api.uses[1]: services.mail is a worker, which answers nobody; expected a service of kind web; remove it with: pulumi config rm --path 'services.api.uses[1]'",
      "services.api.uses[2]: services.plain has no image: the platform does not run it; expected a service with an image; remove it with: pulumi config rm --path 'services.api.uses[2]'",
    ],
  );

  refuses(
    "services do not use each other in a circle",
    {
      ...aws,
      services: {
        a: { image: "a:1", uses: ["service:b"] },
        b: { image: "b:1", uses: ["service:c"] },
        c: { image: "c:1", uses: ["service:a"] },
        d: { image: "d:1", uses: ["service:a"] },
      },
    },
    [
      "services.a.uses[0]: services in a circle: a uses b uses c uses a; expected one that uses none of the others; remove it with: pulumi config rm --path 'services.a.uses[0]'",
      "services.b.uses[0]: services in a circle: b uses c uses a uses b; expected one that uses none of the others; remove it with: pulumi config rm --path 'services.b.uses[0]'",
      "services.c.uses[0]: services in a circle: c uses a uses b uses c; expected one that uses none of the others; remove it with: pulumi config rm --path 'services.c.uses[0]'",
    ],
  );

  refuses(
    "an image is fixed in production",
    {
      ...aws,
      environment: "production",
      monitoring,
      cluster: { access: { private: true } },
      services: {
        a: { image: "registry.example.com:5000/a" },
        b: { image: "b:latest" },
        c: { image: "c:1.0" },
        d: { image: `d@sha256:${"0".repeat(64)}` },
      },
    },
    [
      "services.a.image: registry.example.com:5000/a has no tag; expected a tag of one version, or a digest; set it with: pulumi config set --path services.a.image registry.example.com:5000/a:1.0.0",
      "services.b.image: b:latest is another image every day; expected a tag of one version, or a digest; set it with: pulumi config set --path services.b.image b:1.0.0",
    ],
  );

  refuses(
    "a pod fits on a node of its pool",
    {
      ...aws,
      services: { a: { image: "a:1", memory: 7 }, b: { image: "b:1", cpu: 3 }, c: { image: "c:1", pool: "spott" } },
    },
    [
      "services.a.memory: 7 GiB: the largest node that it may run on has 6 GiB for pods; expected at most 6, or a pool of larger nodes; set it with: pulumi config set --path services.a.memory 6",
      "services.b.cpu: 3 cores: the largest node that it may run on has 1.5 cores for pods; expected at most 1.5, or a pool of larger nodes; set it with: pulumi config set --path services.b.cpu 1.5",
      "services.c.pool: there is no cluster.pools.spott; expected system, apps or spot; set it with: pulumi config set --path services.c.pool spot",
    ],
  );

  refuses(
    "a cluster that exists has no pools of the platform's",
    { cloud: "local", services: { a: { image: "a:1", pool: "apps" } } },
    [
      "services.a.pool: pools are those that the platform makes, and the cluster exists; expected no pool; remove it with: pulumi config rm --path services.a.pool",
    ],
  );

  refuses(
    "names of roles and of what runs at times are free and fit",
    {
      ...aws,
      services: {
        "pg-api": { uses: ["database"] },
        "a-service-with-a-rather-long-name": {
          image: "a:1",
          cron: { "a-task-with-a-long-name": { schedule: "@daily", command: ["x"] } },
        },
      },
    },
    [
      "services.pg-api: its role and schema in the database would have a name that is taken; expected a service that uses a database and is not called monitor, monitoring, public, none, agents-owner or pg-...; give services.pg-api another name",
      "services.a-service-with-a-rather-long-name.cron.a-task-with-a-long-name: its object would be called a-service-with-a-rather-long-name-a-task-with-a-long-name, 5 characters too long; expected at most 52 characters with the service's name; remove it with: pulumi config rm --path services.a-service-with-a-rather-long-name.cron.a-task-with-a-long-name",
    ],
  );

  refuses(
    "numbers, images and times are ones",
    {
      ...aws,
      services: {
        a: { image: "A b", cpu: 0, memory: 1000, port: 70_000, cron: { x: { schedule: "daily", command: ["x"] } } },
      },
    },
    [
      'services.a.image: "A b" will not do; expected an image with a tag or digest, such as ghcr.io/acme/api:1.4.2; set it with: pulumi config set --path services.a.image a-b',
      "services.a.port: 70000 is above 65535; expected a whole number from 1 to 65535; set it with: pulumi config set --path services.a.port 65535",
      "services.a.cpu: 0 is below 0.01; expected a number from 0.01 to 64; set it with: pulumi config set --path services.a.cpu 0.01",
      "services.a.memory: 1000 is above 512; expected a number from 0.0625 to 512; set it with: pulumi config set --path services.a.memory 512",
      `services.a.cron.x.schedule: "daily" will not do; expected five fields of cron in UTC, or @hourly, @daily, @weekly, @monthly; set it with: pulumi config set --path services.a.cron.x.schedule '0 3 * * *'`,
    ],
  );

  refuses(
    "nothing is used or named twice",
    { ...aws, services: { api: { uses: ["database", "database:main"], secrets: ["A", "A"] } } },
    [
      "services.api.uses[1]: databases.main is said twice; expected each once; remove it with: pulumi config rm --path 'services.api.uses[1]'",
      "services.api.secrets[1]: A is said twice; expected each once; remove it with: pulumi config rm --path 'services.api.secrets[1]'",
    ],
  );

  refuses("secrets have names", { ...aws, services: { api: { secrets: ["openai-key"] } } }, [
    "services.api.secrets[0]: \"openai-key\" will not do; expected the name of a secret: capital letters, digits and underscores; set it with: pulumi config set --path 'services.api.secrets[0]' OPENAI_API_KEY",
  ]);

  refuses(
    "pools fit into the database's connections",
    {
      ...aws,
      services: {
        api: { uses: ["database"], replicas: { max: 30 } },
        worker: { uses: ["database"], replicas: { max: 2 }, connections: 10 },
      },
    },
    [
      "services.api.connections: databases.main takes 400 connections and its services may open 650; expected at most 11 a pod, fewer pods, or more memory for the database; set it with: pulumi config set --path services.api.connections 11",
    ],
  );

  refuses(
    "where no pool fits, the database needs memory",
    { ...aws, services: { api: { uses: ["database"], replicas: { max: 900 }, connections: 1 } } },
    [
      "services.api.connections: databases.main takes 400 connections and its services may open 901; expected fewer pods, or more memory for the database; set it with: pulumi config set --path databases.main.memory 10",
    ],
  );

  refuses(
    "where no memory is enough, there are too many pods",
    {
      ...aws,
      services: {
        a: { uses: ["database"], replicas: { max: 1000 }, connections: 5 },
        b: { uses: ["database"], replicas: { max: 1000 }, connections: 5 },
      },
    },
    [
      "services.a.connections: databases.main takes 400 connections and its services may open 10010; expected fewer pods, or more memory for the database; lower replicas.max of the services, or give them databases of their own",
    ],
  );

  refuses(
    "requests end before the load balancer and the pod do",
    { ...aws, services: { api: { requestTimeout: 600 } } },
    [
      "services.api.requestTimeout: 600 s is over gateway.idleTimeout, 300 s: long answers would be cut; expected at most the gateway's idle timeout; set it with: pulumi config set --path gateway.idleTimeout 600",
      "services.api.drain: 75 s is below the request timeout, 600 s: a rollout would cut requests; expected at least the request timeout; set it with: pulumi config set --path services.api.drain 600",
    ],
  );

  refuses("a pod has time to stop", { ...aws, services: { api: { drain: 120 } } }, [
    "services.api.terminationGrace: 90 s is below preStop + drain + 5 = 130 s; expected at least 130; set it with: pulumi config set --path services.api.terminationGrace 130",
  ]);

  refuses(
    "fewest is not above most",
    {
      ...aws,
      services: { api: { replicas: { min: 20 } }, web: { replicas: { min: 3, max: 2 } } },
      cluster: { pools: { apps: { min: 9 } } },
    },
    [
      "cluster.pools.apps.min: 9 is above max 5; expected min at most max; set it with: pulumi config set --path cluster.pools.apps.max 9",
      "services.api.replicas.min: 20 is above max 10; expected min at most max; set it with: pulumi config set --path services.api.replicas.max 20",
      "services.web.replicas.min: 3 is above max 2; expected min at most max; set it with: pulumi config set --path services.web.replicas.min 2",
    ],
  );
});

describe("the rest", () => {
  refuses(
    "windows do not overlap",
    { ...aws, database: { maintenanceWindow: "Mon:03:30-04:30" }, cache: { snapshots: { window: "05:00-06:00" } } },
    [
      "database.maintenanceWindow: Mon:03:30-04:30 overlaps the backup window 03:00-04:00; expected windows that do not overlap; set it with: pulumi config set --path database.maintenanceWindow Sun:04:30-05:30",
      "cache.maintenanceWindow: Sun:05:30-06:30 overlaps the snapshot window 05:00-06:00; expected windows that do not overlap; set it with: pulumi config set --path cache.maintenanceWindow Sun:07:30-08:30",
    ],
  );

  refuses(
    "windows are long enough",
    { ...aws, database: { backup: { window: "03:00-03:10" } }, cache: { maintenanceWindow: "Sun:05:30-06:00" } },
    [
      "database.backup.window: 03:00-03:10 is shorter than 30 minutes; expected a longer window; set it with: pulumi config set --path database.backup.window 03:00-04:00",
      "cache.maintenanceWindow: Sun:05:30-06:00 is shorter than 60 minutes; expected a longer window; set it with: pulumi config set --path cache.maintenanceWindow Sun:04:30-05:30",
    ],
  );

  refuses(
    "windows over midnight overlap as well",
    { ...aws, database: { backup: { window: "23:30-00:30" }, maintenanceWindow: "Sat:23:45-00:45" } },
    [
      "database.maintenanceWindow: Sat:23:45-00:45 overlaps the backup window 23:30-00:30; expected windows that do not overlap; set it with: pulumi config set --path database.maintenanceWindow Sun:04:30-05:30",
    ],
  );

  refuses("windows are windows", { ...aws, database: { backup: { window: "3am" }, maintenanceWindow: "Sunday" } }, [
    'database.backup.window: "3am" will not do; expected a daily window in UTC, HH:MM-HH:MM; set it with: pulumi config set --path database.backup.window 03:00-04:00',
    'database.maintenanceWindow: "Sunday" will not do; expected a weekly window in UTC, Day:HH:MM-HH:MM; set it with: pulumi config set --path database.maintenanceWindow Sun:04:30-05:30',
  ]);

  refuses("a disk does not shrink", { ...aws, database: { storage: 200, maxStorage: 100 } }, [
    "database.maxStorage: 100 is below storage 200; expected at least storage; set it with: pulumi config set --path database.maxStorage 200",
  ]);

  refuses("deleted secrets wait as long as the cloud can", { ...aws, secretStore: { recoveryDays: 3 } }, [
    "secretStore.recoveryDays: 3 will not do; expected 0, or 7 to 30; set it with: pulumi config set --path secretStore.recoveryDays 7",
  ]);

  refuses("accelerators are not on arm64", { ...aws, cluster: { pools: { gpu: { gpu: 1 } } } }, [
    "cluster.pools.gpu.arch: arm64 machines with accelerators are not offered; expected amd64 with gpu; set it with: pulumi config set --path cluster.pools.gpu.arch amd64",
  ]);

  refuses("some nodes are always there", { ...aws, cluster: { pools: { system: { min: 0 }, apps: { min: 0 } } } }, [
    'cluster.pools: no pool that is always there for the cluster\'s own pods; expected one with min above 0, no taints and not spot; set it with: pulumi config set --path cluster.pools.base \'{"min":1,"max":3}\'',
  ]);

  refuses("zones are the region's", { ...aws, aws: { zones: ["us-east-1a", "us-east-1b"] } }, [
    "aws.zones: us-east-1a is not in eu-west-1; expected zones of eu-west-1; remove it with: pulumi config rm --path aws.zones",
  ]);

  refuses("zones are said once", { ...aws, aws: { zones: ["eu-west-1a", "eu-west-1a"] } }, [
    "aws.zones: a zone is said twice; expected each once; remove it with: pulumi config rm --path aws.zones",
  ]);

  refuses(
    "a region with too few zones for what is asked",
    { cloud: "aws", region: "us-west-1", network: { zones: 3 } },
    [
      "network.zones: us-west-1 has 2 zones and not 3; expected at most 2; set it with: pulumi config set --path network.zones 2",
    ],
  );

  refuses("machine types are for what there is", { ...aws, aws: { machineTypes: { "pools.app": "m7g.large" } } }, [
    'aws.machineTypes["pools.app"]: there is no pools.app; expected pools.system, pools.apps, pools.spot, databases.main or caches.main; remove it with: pulumi config rm --path \'aws.machineTypes["pools.app"]\'',
  ]);
});

describe("several mistakes", () => {
  refuses(
    "are all told at once, whatever they depend on",
    {
      cloud: "aws",
      region: "eu-wst",
      name: "Much too long",
      environment: "production",
      network: { cidr: "172.20.0.0/16", nat: "none" },
      database: { memory: "x", version: 9, password: "hunter2" },
      cache: ["x"],
      services: { api: { uses: ["bucket:logs"], drain: 5 } },
    },
    [
      "database.password: a secret in plain text; expected none in a setting: secrets are encrypted, under agent-secrets:; take it out and set it with: pulumi config set --secret agent-secrets:PASSWORD",
      'name: "Much too long" is 5 characters too long; expected 1 to 8 lower-case letters and digits, beginning with a letter; set it with: pulumi config set name muchtool',
      'database.version: "9" will not do; expected 17 or 18; set it with: pulumi config set --path database.version 17',
      'database.memory: "x" will not do; expected a whole number from 1 to 512; set it with: pulumi config set --path database.memory 1',
      "cache: a list will not do; expected a map with mode managed, inCluster or existing; remove it with: pulumi config rm cache",
      `region: aws has no region "eu-wst"; did you mean eu-west?; expected ${REGIONS}; set it with: pulumi config set region eu-west`,
      "network.cidr: 172.20.0.0/16 overlaps cluster.serviceCidr 172.20.0.0/16; expected ranges that do not overlap; set it with: pulumi config set --path network.cidr 10.0.0.0/16",
      "cluster.access: the API server is open to the whole internet; expected cluster.access.cidrs or cluster.access.private in production; set it with: pulumi config set --path 'cluster.access.cidrs[0]' 203.0.113.0/24",
      "services.api.uses[0]: there is no buckets.logs; expected buckets.main; set it with: pulumi config set --path 'services.api.uses[0]' bucket",
      "services.api.drain: 5 s is below the request timeout, 60 s: a rollout would cut requests; expected at least the request timeout; set it with: pulumi config set --path services.api.drain 60",
      "monitoring.receivers: a critical alert reaches nobody; expected pagerduty, slack, email or a webhook in production; set it with: pulumi config set --path monitoring.receivers.pagerduty.routingKey PAGERDUTY_ROUTING_KEY",
    ],
  );

  refuses(
    "are told even where the cloud is not known",
    { cloud: "gpc", environment: "production", region: "eu-west", services: { api: { drain: 5 } } },
    [
      'cloud: "gpc" will not do; expected aws, gcp, azure or local; set it with: pulumi config set cloud aws',
      "cluster.access: the API server is open to the whole internet; expected cluster.access.cidrs or cluster.access.private in production; set it with: pulumi config set --path 'cluster.access.cidrs[0]' 203.0.113.0/24",
      "services.api.drain: 5 s is below the request timeout, 60 s: a rollout would cut requests; expected at least the request timeout; set it with: pulumi config set --path services.api.drain 60",
      "monitoring.receivers: a critical alert reaches nobody; expected pagerduty, slack, email or a webhook in production; set it with: pulumi config set --path monitoring.receivers.pagerduty.routingKey PAGERDUTY_ROUTING_KEY",
    ],
  );
});
