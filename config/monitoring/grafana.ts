import { hostName, nonEmpty, secretName, text, whole } from "../fields.js";
import z from "../zod.cjs";

const endpoint = (example: string) =>
  text(/^https:\/\/[^\s?#@]+$/, "an https address without a name, a password or a query", example);

/** It becomes part of an expression: nothing that would end the text in it. */
const group = text(
  /^[A-Za-z0-9][A-Za-z0-9 _.:/@-]{0,199}$/,
  "1 to 200 letters, digits, spaces and _ . : / @ -",
  "platform-admins",
  200,
);

const oidc = z
  .strictObject({
    title: nonEmpty("Single sign-on").default("Single sign-on").describe("What the button says."),
    authUrl: endpoint("https://id.example.com/authorize").describe("Where people sign in."),
    tokenUrl: endpoint("https://id.example.com/token").describe("Where Grafana gets tokens."),
    apiUrl: endpoint("https://id.example.com/userinfo").describe("Where it asks who somebody is."),
    clientId: nonEmpty("grafana").describe("By which the provider knows this Grafana."),
    clientSecret: secretName.describe("Which of the stack's secrets it proves that with."),
    scopes: z
      .array(nonEmpty("openid"))
      .min(1)
      .default(["openid", "profile", "email"])
      .describe("What it asks to know; many providers tell groups for the scope `groups` only."),
    groupsClaim: text(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, "the name of a claim", "groups", 64)
      .default("groups")
      .describe("Claim that lists the groups of a person."),
    adminGroup: group.describe("Whose members are administrators."),
    editorGroup: group.optional().describe("Whose members may make dashboards of their own."),
    viewerGroup: group
      .optional()
      .describe("Whose members may look; everybody whom the provider lets in where it is not said."),
  })
  .meta({
    expected: "a map with authUrl, tokenUrl, apiUrl, clientId, clientSecret and adminGroup",
    example: {
      authUrl: "https://id.example.com/authorize",
      tokenUrl: "https://id.example.com/token",
      apiUrl: "https://id.example.com/userinfo",
      clientId: "grafana",
      clientSecret: "GRAFANA_CLIENT_SECRET",
      adminGroup: "platform-admins",
    },
  });

export const grafana = z
  .strictObject({
    host: hostName
      .optional()
      .describe("Where it is reached from outside, through the gateway; from inside the cluster only otherwise."),
    storage: whole(1, 1024)
      .optional()
      .describe("GiB of disk for dashboards that people make and for who they are; those go with the pod otherwise."),
    oidc: oidc.optional().describe("People sign in where they do elsewhere; with the generated password otherwise."),
  })
  .prefault({})
  .describe("Where dashboards are looked at.");

export type GrafanaSettings = z.infer<typeof grafana>;
