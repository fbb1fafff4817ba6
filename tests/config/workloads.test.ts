import assert from "node:assert/strict";
import { parseSettings } from "../../config/settings.js";
import { refuses, sourceOf } from "./refuses.js";

const local = { cloud: "local" };

describe("parts of a service that do not go together", () => {
  refuses(
    "an image that runs already, and one that is built",
    { ...local, services: { a: { image: "a:1", build: { context: "a" } } } },
    [
      "services.a.build: services.a.image says what runs already; expected one of image and build; remove it with: pulumi config rm --path services.a.build",
    ],
  );

  refuses(
    "a disk that is one pod's, and more pods",
    {
      ...local,
      services: { a: { image: "a:1", volumes: { data: { path: "/data", size: 1 } }, replicas: { max: 3 } } },
    },
    [
      "services.a.replicas.max: 3 pods, and services.a.volumes are one pod's; expected 1, or what must outlive pods in a database or a bucket; set it with: pulumi config set --path services.a.replicas.max 1",
    ],
  );

  refuses(
    "two folders at one place",
    {
      ...local,
      services: {
        a: {
          image: "a:1",
          scratch: { work: { path: "/tmp" }, models: { path: "/data" } },
          volumes: { data: { path: "/data", size: 1 } },
        },
      },
    },
    [
      "services.a.scratch.work.path: /tmp is /tmp of every pod already; expected a folder of its own; set it with: pulumi config set --path services.a.scratch.work.path /tmp/work",
      "services.a.volumes.data.path: /data is services.a.scratch.models already; expected a folder of its own; set it with: pulumi config set --path services.a.volumes.data.path /data/data",
    ],
  );

  refuses(
    "a job that is used",
    { ...local, services: { a: { image: "a:1", uses: ["service:seed"] }, seed: { image: "s:1", kind: "job" } } },
    [
      "services.a.uses[0]: services.seed is a job, which answers nobody; expected a service of kind web; remove it with: pulumi config rm --path 'services.a.uses[0]'",
    ],
  );

  it("a service with a disk has one pod where it says no number", () => {
    const { settings } = parseSettings(
      sourceOf({ ...local, services: { a: { image: "a:1", volumes: { data: { path: "/data", size: 1 } } } } }),
    );
    assert.deepEqual(settings.services["a"]?.replicas, { min: 1, max: 1 });
  });

  it("a measure that nothing takes is a warning, and none once something does", () => {
    const services = { a: { image: "a:1.0.0", autoscaling: { queueDepth: 5 } } };
    const warnings = (said: object) =>
      parseSettings(sourceOf({ ...local, services, ...said })).warnings.filter((line) => line.includes("queueDepth"));
    assert.deepEqual(warnings({}), []);
    assert.deepEqual(warnings({ monitoring: { mode: "none" } }), [
      "services.a.autoscaling.queueDepth: nothing measures it, and processor time and memory decide alone; set it with: pulumi config set --path monitoring.query http://prometheus.monitoring:9090",
    ]);
    assert.deepEqual(warnings({ monitoring: { mode: "none", query: "http://prometheus:9090" } }), []);
  });
});
