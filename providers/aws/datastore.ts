import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { isCareful } from "../../config/names.js";
import type { Settings } from "../../config/settings.js";
import type { Network } from "../contract.js";
import { tagsFor } from "./tags.js";

/** What databases and caches have in common. */
interface DoorArgs {
  readonly stack: Settings;
  readonly network: Network;
  readonly port: number;
  /** What answers behind the port, in words. */
  readonly service: string;
}

/** Made without rules of its own: nothing goes out, and in come only nodes and pods, on the one port. */
export function createDoor(
  name: string,
  { stack, network, port, service }: DoorArgs,
  opts: pulumi.CustomResourceOptions,
): SecurityGroup {
  const group = new SecurityGroup(
    name,
    { description: `${service} ${name}`, vpcId: network.id, tags: tagsFor(stack, name) },
    opts,
  );
  network.clientCidrs.forEach((cidrIpv4, index) => {
    // The ranges have no names of their own; their order is the network's, and a changed one is changed in place.
    const rule = `${name}-from-${index + 1}`;
    new SecurityGroupIngressRule(
      rule,
      {
        securityGroupId: group.id,
        description: `${service} from nodes and pods`,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        cidrIpv4,
        tags: tagsFor(stack, rule),
      },
      opts,
    );
  });
  return group;
}

/**
 * Whether copies of the data stay when the stack goes: last snapshots, automated backups, and the key that they are
 * encrypted with. By what the stack is and not by its locks: these have to come off before it can go.
 */
export const keepsCopies = ({ environment }: Settings): boolean => isCareful(environment);

/**
 * The name of the snapshot that is made when a stack with data of worth is destroyed; undefined where none is made. Its end is
 * chance, so that a second stack of the same name can be destroyed too: the snapshots stay.
 */
export function finalSnapshotName(
  name: string,
  stack: Settings,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> | undefined {
  if (!keepsCopies(stack)) return undefined;
  const suffix = new random.RandomId(`${name}-final`, { byteLength: 4 }, opts);
  return pulumi.interpolate`${name}-final-${suffix.hex}`;
}

const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** `Sun:04:30-05:30` as AWS has it: `sun:04:30-sun:05:30`. A window over midnight ends on the next day. */
export function weeklyWindow(window: string): string {
  const [day = "", from = "", to = ""] = [window.slice(0, 3).toLowerCase(), window.slice(4, 9), window.slice(10)];
  const end = to > from ? day : days[(days.indexOf(day) + 1) % days.length];
  return `${day}:${from}-${end}:${to}`;
}
