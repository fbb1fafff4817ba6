import assert from "node:assert/strict";
import { dailyHour, keepsCopies, weeklyHour } from "../../../providers/gcp/datastore.js";
import { flagsFor } from "../../../providers/gcp/flags.js";
import { gcpProduction, gcpStack, settingsOf } from "../../support/settings.js";

describe("providers/gcp/datastore", () => {
  it("begins a window in the hour in which the stack's begins", () => {
    assert.deepEqual(weeklyHour("Mon:00:00-01:00"), { day: "MONDAY", dayNumber: 1, hour: 0 });
    assert.deepEqual(weeklyHour("Sun:23:30-00:30"), { day: "SUNDAY", dayNumber: 7, hour: 23 });
    assert.equal(dailyHour("03:30-04:30"), 3);
  });

  it("keeps copies by what the stack is, and not by its locks", () => {
    const kept = [gcpStack, gcpProduction, { ...gcpProduction, deletionProtection: false }].map((said) =>
      keepsCopies(settingsOf(said)),
    );
    assert.deepEqual(kept, [false, true, true]);
  });

  it("takes no flag from the platform that Cloud SQL refuses, and leaves what the stack says", () => {
    const own = { shared_preload_libraries: "theirs" };
    const named = (flags: ReturnType<typeof flagsFor>) =>
      flags.filter(({ name }) => name === "shared_preload_libraries");
    assert.deepEqual(named(flagsFor(4, {})), []);
    assert.deepEqual(named(flagsFor(4, own)), [{ name: "shared_preload_libraries", value: "theirs" }]);
  });
});
