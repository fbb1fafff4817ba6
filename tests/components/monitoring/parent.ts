import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/** What parts of monitoring hang on, whatever their cloud is. */
export const platform = (): pulumi.ComponentResource =>
  new pulumi.ComponentResource("test:index:Platform", "platform", {}, { providers: [new random.Provider("random")] });
