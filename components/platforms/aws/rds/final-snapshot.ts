import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { ServersArgs } from "./servers";

/**
 * Whether deletion takes a last snapshot, and under which name. Snapshots outlive the stack, and RDS refuses a name that is
 * taken: a stack of the same name, made and deleted again, needs another one.
 */
export function finalSnapshot({ settings, identifier }: ServersArgs, name: string, parent: pulumi.Resource) {
  if (!settings.finalSnapshot) return { skipFinalSnapshot: true };
  const suffix = new random.RandomId(`${name}-final-snapshot`, { byteLength: 4 }, { parent });
  return { skipFinalSnapshot: false, finalSnapshotIdentifier: pulumi.interpolate`${identifier}-final-${suffix.hex}` };
}
