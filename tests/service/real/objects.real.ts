import assert from "node:assert/strict";
import { openObjects } from "../../../service/src/objects/open.js";
import { keepsObjects } from "../support/object-store-contract.js";
import { setVariables } from "../support/variables.js";
import { standIns } from "./object-stores.js";

for (const [name, standIn] of Object.entries(standIns)) keepsObjects(name, standIn, "are made beforehand");

describe("objects in S3", () => {
  it("are in a region", async () => {
    const unset = { AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined, AWS_CONFIG_FILE: "/dev/null" };
    const restore = setVariables(unset);
    try {
      await assert.rejects(openObjects({ BUCKET_URL: "s3://uploads", DATA_DIR: "/nowhere" }), {
        message: "BUCKET_URL: the bucket's region is not known; add ?region=REGION, or set AWS_REGION",
      });
      process.env["AWS_REGION"] = "eu-north-1";
      await (await openObjects({ BUCKET_URL: "s3://uploads", DATA_DIR: "/nowhere" })).close();
    } finally {
      restore();
    }
  });
});
