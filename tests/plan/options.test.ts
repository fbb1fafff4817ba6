import assert from "node:assert/strict";
import { UsageError } from "../../config/problems.js";
import { readOptions } from "../../plan/options.js";

const refused = (args: string[], message: string): void =>
  assert.throws(
    () => readOptions(args),
    (error: unknown) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.message, message);
      assert.equal(error.exitCode, 2);
      return true;
    },
  );

describe("the options of the plan", () => {
  it("are these where nothing is said", () => {
    assert.deepEqual(readOptions([]), {
      stack: "prod",
      config: undefined,
      sets: [],
      json: undefined,
      stackOutputs: undefined,
      today: undefined,
      strict: false,
      all: false,
      help: false,
    });
  });

  it("take a cloud as the first of the settings, so that --set may still override it", () => {
    const { sets } = readOptions(["--set", "size=small", "--cloud", "local", "--set=name=x"]);
    assert.deepEqual(sets, ["cloud=local", "size=small", "name=x"]);
  });

  it("propose the one that was meant", () => {
    refused(["--stak", "prod"], "--stak is no option; did you mean --stack?");
  });

  it("say which there are where none is near", () => {
    refused(
      ["--frobnicate"],
      "--frobnicate is no option; the options are --stack, --config, --cloud, --set, --stack-outputs, --today, --json, --strict, --all and --help",
    );
  });

  it("refuse a word that is no option", () => {
    refused(["prod"], "prod is no option; options begin with --, values follow them");
  });

  it("refuse an option without its value, and one with an empty value", () => {
    assert.throws(() => readOptions(["--stack"]), UsageError);
    refused(["--stack="], "--stack has an empty value");
  });

  it("refuse two stack files", () => {
    refused(["--stack", "a", "--config", "b"], "--stack and --config both name a stack file: give one of them");
  });

  it("refuse a day that is none", () => {
    refused(["--today", "tomorrow"], "--today tomorrow is no day: write it like 2026-11-21");
  });
});
