import assert from "node:assert/strict";
import { neutralName, neutralRegions, type RegionalCloud, zonesByRegion } from "../../providers/regions.js";
import { parsed } from "../support/settings.js";

const clouds: readonly RegionalCloud[] = ["aws", "gcp", "azure"];

describe("regions", () => {
  it("every neutral region has an answer on each cloud, which knows its zones", () => {
    for (const [neutral, natives] of Object.entries(neutralRegions)) {
      assert.deepEqual(Object.keys(natives).sort(), ["aws", "azure", "gcp"], neutral);
      for (const cloud of clouds) assert.ok(Object.hasOwn(zonesByRegion[cloud], natives[cloud]), natives[cloud]);
    }
  });

  it("a native region has one neutral name", () => {
    for (const cloud of clouds) {
      const natives = Object.values(neutralRegions).map((one) => one[cloud]);
      assert.equal(new Set(natives).size, natives.length, cloud);
    }
    assert.equal(neutralName("europe-west1"), "eu-west");
    assert.equal(neutralName("nowhere"), undefined);
  });

  it("no region has a neutral name of another place", () => {
    for (const neutral of Object.keys(neutralRegions)) {
      for (const cloud of clouds) {
        const native = neutralRegions[neutral]?.[cloud];
        assert.ok(!Object.hasOwn(zonesByRegion[cloud], neutral) || native === neutral, neutral);
      }
    }
  });

  it("every region has two zones or more", () => {
    for (const cloud of clouds)
      for (const [region, zones] of Object.entries(zonesByRegion[cloud])) {
        assert.ok(zones.length >= 2, region);
        assert.equal(new Set(zones).size, zones.length, region);
      }
  });

  it("the first region of a cloud in each place has the zones that the cloud says", () => {
    assert.deepEqual(
      zonesByRegion.aws["us-east-1"],
      ["a", "b", "c", "d", "f"].map((letter) => `us-east-1${letter}`),
    );
    assert.deepEqual(
      zonesByRegion.gcp["europe-west1"],
      ["b", "c", "d"].map((letter) => `europe-west1-${letter}`),
    );
    assert.deepEqual(zonesByRegion.azure["northeurope"], ["1", "2", "3"]);
    assert.equal(zonesByRegion.azure["westus"], undefined);
  });

  it("neutral and native regions give the same settings", () => {
    const [neutral, native] = ["eu-central", "eu-central-1"].map((region) => parsed({ cloud: "aws", region }).settings);
    assert.deepEqual(neutral, native);
    assert.deepEqual(native?.zones, ["eu-central-1a", "eu-central-1b"]);
  });

  it("a plan takes the neighbour of another cloud's region, with a warning", () => {
    const { settings, warnings } = parsed({ cloud: "aws", region: "germanywestcentral" }, { anyCloudsRegion: true });
    assert.equal(settings.region, "eu-central-1");
    assert.ok(
      warnings.includes(
        "region germanywestcentral is another cloud's: the plan takes its neighbour eu-central-1; up wants a region of aws",
      ),
    );
  });

  it("zones that were said take the place of the region's first ones", () => {
    const zones = ["us-east-1d", "us-east-1f"];
    const { settings } = parsed({ cloud: "aws", region: "us-east", aws: { zones } });
    assert.deepEqual(settings.zones, zones);
  });

  it("a region with fewer zones than the environment has lowers them, with a warning", () => {
    const cluster = { access: { private: true } };
    const { settings, warnings } = parsed({
      cloud: "aws",
      region: "us-west-1",
      environment: "production",
      cluster,
      monitoring: { mode: "none" },
    });
    assert.deepEqual(settings.zones, ["us-west-1a", "us-west-1c"]);
    assert.equal(settings.network.mode === "managed" ? settings.network.zones : 0, 2);
    assert.deepEqual(warnings, ["us-west-1 has 2 zones: the network has no more, where production would have 3"]);
  });

  it("local is where its cluster is", () => {
    const { settings, warnings } = parsed({ cloud: "local", region: "eu-west" });
    assert.deepEqual([settings.region, settings.zones], ["local", []]);
    assert.ok(!warnings.some((warning) => warning.includes("region")));
    const wrong =
      /agent-platform:region: "eu-wst" is no region that any cloud has; expected one of us-east, .*set it with: pulumi config set region eu-west$/;
    assert.throws(() => parsed({ cloud: "local", region: "eu-wst" }), wrong);
  });
});
