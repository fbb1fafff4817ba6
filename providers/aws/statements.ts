import * as pulumi from "@pulumi/pulumi";

type Conditions = Readonly<
  Record<string, Readonly<Record<string, pulumi.Input<string> | readonly pulumi.Input<string>[]>>>
>;

/** What a role may do: a statement of its policy. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly pulumi.Input<string>[];
  readonly Condition?: pulumi.Input<Conditions>;
}

/** Another stack says with an empty text that a bucket of its has no key; IAM takes no statement about nothing. */
export const policyOf = (statements: readonly Statement[]): pulumi.Output<string> =>
  pulumi.output(statements).apply((all) => {
    const named = all.map((one) => ({ ...one, Resource: one.Resource.filter((arn) => arn !== "") }));
    return JSON.stringify({ Version: "2012-10-17", Statement: named.filter(({ Resource }) => Resource.length > 0) });
  });
