import { type Kind, text } from "../kind.js";
import { arn, named } from "./words.js";

const CHECK = "aws:route53/healthCheck:HealthCheck";
const TOPIC = "aws:sns/topic:Topic";

const notifications = {
  taken: "AlreadyExists",
  missing: "NotFound",
  inUse: "InvalidParameter",
  quota: "TopicLimitExceeded",
};

/** What asks from outside, and whom it tells. */
export const monitoring: Readonly<Record<string, Kind>> = {
  [CHECK]: {
    noun: "health check",
    codes: {
      taken: "HealthCheckAlreadyExists",
      missing: "NoSuchHealthCheck",
      inUse: "HealthCheckInUse",
      quota: "TooManyHealthChecks",
    },
    id: (_, chance) => chance,
    global: true,
    quota: 200,
    replaceOn: ["type", "requestInterval", "measureLatency"],
    refuses: {
      create: ({ requestInterval }) =>
        requestInterval === 10 || requestInterval === 30
          ? undefined
          : "InvalidInput: Invalid parameter : Only 10 and 30 are allowed for RequestInterval",
    },
    outputs: (_, id) => ({ arn: `arn:aws:route53:::healthcheck/${id}` }),
  },
  [TOPIC]: {
    noun: "topic",
    codes: notifications,
    naming: { property: "name", max: 256, like: /^[A-Za-z0-9_-]+$/ },
    id: ({ name, region }, _, where) => arn({ ...where, region: text(region) || where.region }, "sns", text(name)),
    overwrites: true,
    outputs: (_, id) => ({ arn: id }),
  },
  "aws:sns/topicSubscription:TopicSubscription": {
    noun: "subscription",
    codes: notifications,
    id: ({ topic }, chance) => `${topic}:${chance}`,
    needs: [{ at: "topic", type: TOPIC, named: "takes" }],
    replaceOn: ["topic", "protocol", "endpoint"],
    // Until somebody answers the mail.
    outputs: (_, id) => ({ arn: id, pendingConfirmation: true }),
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    noun: "alarm",
    codes: { taken: "AlreadyExists", missing: "ResourceNotFound", inUse: "ResourceConflict", quota: "LimitExceeded" },
    naming: { property: "name", max: 255 },
    id: named("name"),
    overwrites: true,
    needs: [
      { at: "alarmActions", type: TOPIC, named: "leaves" },
      { at: "dimensions.HealthCheckId", type: CHECK, named: "leaves" },
    ],
    outputs: ({ name, region }, _, where) => ({
      arn: arn({ ...where, region: text(region) || where.region }, "cloudwatch", `alarm:${name}`),
    }),
  },
};
