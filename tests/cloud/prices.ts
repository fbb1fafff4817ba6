import type { RecordedResource } from "../../plan/record.js";

type Priced = Pick<RecordedResource, "type" | "inputs">;

/**
 * US dollars an hour of what is paid by the hour, on demand, in eu-west-1: estimates, rounded up, and no price list. A
 * size that is not here counts as half a dollar. What is paid by use (requests, bytes) is cents in an hour.
 */
const machines: Readonly<Record<string, number>> = {
  "t4g.small": 0.019,
  "t4g.medium": 0.037,
  "m7g.large": 0.092,
  "db.t4g.medium": 0.075,
  "cache.t4g.small": 0.04,
};
const unknownMachine = 0.5;
const machine = (type: unknown): number => machines[String(type)] ?? unknownMachine;

const hourly: Readonly<Record<string, (inputs: Priced["inputs"]) => number>> = {
  "aws:eks/cluster:Cluster": () => 0.1,
  "aws:ec2/natGateway:NatGateway": () => 0.048,
  "aws:ec2/eip:Eip": () => 0.005,
  "aws:ec2/vpcEndpoint:VpcEndpoint": ({ vpcEndpointType, subnetIds }) =>
    vpcEndpointType === "Interface" ? 0.011 * listOf(subnetIds).length : 0,
  // As many as it may become: an upper bound.
  "aws:eks/nodeGroup:NodeGroup": ({ instanceTypes, scalingConfig }) =>
    machine(listOf(instanceTypes)[0]) * Number((scalingConfig as { maxSize?: number } | undefined)?.maxSize ?? 1),
  "aws:rds/instance:Instance": ({ instanceClass, multiAz }) => machine(instanceClass) * (multiAz === true ? 2 : 1),
  "aws:elasticache/replicationGroup:ReplicationGroup": ({ nodeType, numCacheClusters }) =>
    machine(nodeType) * Number(numCacheClusters ?? 1),
  // A key is a dollar a month.
  "aws:kms/key:Key": () => 0.002,
};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** What a plan costs an hour, at most. */
export const dollarsAnHour = (resources: readonly Priced[]): number =>
  resources.reduce((sum, { type, inputs }) => sum + (hourly[type]?.(inputs) ?? 0), 0);
