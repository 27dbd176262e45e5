import { createHash, randomBytes } from "node:crypto";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { ownProperties } from "./check";
import type { Naming } from "./resource";
import { fromStruct } from "./struct";

/** Reads the engine's request. */
export function namingOf(q: proto.CheckRequest): Naming {
  const autonaming = q.getAutonaming();
  const { DISABLE } = proto.CheckRequest.AutonamingOptions.Mode;
  const proposed = autonaming?.getProposedName() ?? "";
  return {
    name: q.getName() === "" ? (q.getUrn().split("::").at(-1) ?? "") : q.getName(),
    old: ownProperties(fromStruct(q.getOlds())),
    proposed: proposed === "" ? undefined : proposed,
    disabled: autonaming?.getMode() === DISABLE,
    seed: q.getRandomseed_asU8(),
  };
}

/**
 * A physical name: the proposed one, else the logical name with a random end, as official providers make it.
 * @param digits hexadecimal digits of the end
 */
export function physicalName({ name, proposed, seed }: Naming, digits = 7): string {
  if (proposed !== undefined) return proposed;
  const end = seed.length === 0 ? randomBytes(32) : createHash("sha256").update(seed).update(name).digest();
  return `${name}-${end.toString("hex").slice(0, digits)}`;
}
