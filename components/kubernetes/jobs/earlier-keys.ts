import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { formerIdentity, identitiesIn } from "../../backup/age-identity";
import type { EarlierKeys } from "../../ports/earlier-keys";

const recordedSchema = z.object({
  outputs: z.record(z.string(), z.object({ type: z.string(), outputs: z.record(z.string(), z.unknown()) })),
});

/** Type and outputs of each resource in a state, by URN. */
export type Recorded = z.output<typeof recordedSchema>["outputs"];

/** End of the URN of the seed that keys were once made of. It was protected, and its id is its value, in clear. */
const seedUrn = /\$howdah:kubernetes:Jobs\$random:index\/randomBytes:RandomBytes::[^:]+-dumps-seed$/;

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/**
 * The identities that a state knows of: those of the output `backupKey`, and the seed's own. The latter counts as kept only once that
 * output has it below another one: whatever the versions before have done, the dumps of that time can be opened.
 */
export function keysIn(recorded: Recorded): { identities: string[]; formerSeed: boolean } {
  const resources = Object.entries(recorded);
  const [, stack] = resources.find(([, { type }]) => type === "pulumi:pulumi:Stack") ?? [];
  const output = identitiesIn(text(stack?.outputs["backupKey"]));
  const seeds = resources.filter(([urn]) => seedUrn.test(urn)).map(([, { outputs }]) => text(outputs["base64"]));
  const former = seeds.map(formerIdentity);
  return {
    identities: [...new Set([...output, ...former])],
    formerSeed: former.some((identity) => output.indexOf(identity) < 1),
  };
}

/** This stack, as its backend has it. A backend without an organization may know no projects either: there the name is enough. */
function ownName(): string {
  const organization = pulumi.getOrganization();
  return organization === "organization"
    ? pulumi.getStack()
    : [organization, pulumi.getProject(), pulumi.getStack()].join("/");
}

/**
 * Reads them in the state of the stack itself, which is that of the last `up` until this one registers something else.
 * @throws if the engine cannot read its state: without it an earlier key would be lost
 */
export async function earlierKeys(): Promise<EarlierKeys> {
  const answer: unknown = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", {
    stackName: ownName(),
  });
  const { identities, formerSeed } = keysIn(recordedSchema.parse(answer).outputs);
  return { identities: pulumi.secret(identities), formerSeed };
}
