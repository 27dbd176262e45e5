import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { formerIdentity, identitiesIn } from "../../../components/backup/age-identity";
import type { CloudStack } from "./cloud-stack";

interface Resource extends Record<string, unknown> {
  readonly urn: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** A state as the engine exports it. */
interface Exported {
  readonly deployment: { readonly resources: readonly Resource[] };
}

const password = "random:index/randomPassword:RandomPassword";
const bytes = "random:index/randomBytes:RandomBytes";

/** How the engine exports a secret that it shows. */
const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

/** The seed as it was made once: protected, and its id is its value. */
function seedOf(now: Resource, seed: Buffer): Resource {
  const base64 = seed.toString("base64");
  const outputs = { length: 32, base64: secret(base64), hex: secret(seed.toString("hex")) };
  return { ...now, urn: now.urn.replace(password, bytes), type: bytes, id: base64, inputs: { length: 32 }, outputs };
}

/** The output `backupKey`. */
export const keyFileOf = async (stack: CloudStack): Promise<string> =>
  ((await stack.json("stack", "output", "--json", "--show-secrets")) as { backupKey: string }).backupKey;

/**
 * Gives a stack the state that a version left whose key was made of a protected seed: that key is in the Secret and in the outputs.
 * @returns the identity of that key
 */
export async function withFormerSeed(stack: CloudStack): Promise<string> {
  const seed = randomBytes(32);
  const former = formerIdentity(seed.toString("base64"));
  const [present = ""] = identitiesIn(await keyFileOf(stack));
  const state = (await stack.json("stack", "export", "--show-secrets")) as Exported;
  const urn = state.deployment.resources.find(({ urn }) => urn.endsWith(`${password}::workloads-jobs-dumps-seed`))?.urn;
  if (urn === undefined) throw new Error("the stack has no seed to take the place of");
  const text = JSON.stringify(state, (_key, value: unknown) => {
    const found = value as Resource | null;
    return found?.urn === urn ? seedOf(found, seed) : value;
  });
  const file = join(stack.root, "former-state.json");
  writeFileSync(file, text.replaceAll(urn, urn.replace(password, bytes)).replaceAll(present, former));
  const { code, output } = await stack.pulumi("stack", "import", "--file", file);
  if (code !== 0) throw new Error(`the state was refused:\n${output}`);
  return former;
}
