import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { ageIdentity, formerIdentity } from "../../components/backup/age-identity";
import { scramVerifier } from "../../components/postgres/access/logins/scram";
import { compose } from "../../stacks/compose";
import { answers, cloudGraph, variants } from "../support/clouds/cloud-graph";
import { drawnAs, drawnBytes, type Graph, graphOf, hidden, settingsOf, localSurroundings } from "../support/graph";

/** All texts of a value, keys left out. */
function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : [];
}

interface Seen {
  /** What a state file, the engine's output and a bucket's reader show: ids, names, plain properties. */
  readonly open: ReadonlySet<string>;
  readonly secret: ReadonlySet<string>;
}

/** Salts are stored and sent in clear by SCRAM itself (RFC 5802): of a verifier, the keys after the salt are the secret. */
const withoutSalt = (text: string): string => text.replaceAll(/SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]+\$/g, "");

async function outputsOf(result: object): Promise<{ plain: string[]; secret: string[] }> {
  const plain: string[] = [];
  const secret: string[] = [];
  for (const value of Object.values(result)) {
    const isSecret = pulumi.Output.isInstance(value) && (await pulumi.isSecret(value));
    const known = await new Promise((resolve) => pulumi.output(value).apply(resolve));
    (isSecret ? secret : plain).push(...texts(known));
  }
  return { plain, secret };
}

async function seenOf({ registrations, made, result }: Graph<object>): Promise<Seen> {
  const inputs = registrations.map((one) => one.inputs);
  const outputs = await outputsOf(result);
  const names = registrations.map(({ name }) => name);
  const open = [...names, ...made.flatMap(({ id, state }) => [id, ...texts(hidden(state))]), ...texts(hidden(inputs))];
  const secret = [...inputs.flatMap((one) => secretTexts(one)), ...outputs.secret];
  return { open: new Set([...open, ...outputs.plain]), secret: new Set(secret.map(withoutSalt)) };
}

const signature = "4dabf18193072939515e22adb298388d";

/** Texts inside wrapped secrets only. */
function secretTexts(value: unknown, inside = false): string[] {
  if (typeof value === "string") return inside ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  const isWrapped = signature in value;
  return Object.entries(value).flatMap(([key, item]) =>
    isWrapped && key !== "value" ? [] : secretTexts(item, inside || isWrapped),
  );
}

/** What anybody makes of an open text: itself, other spellings of its bytes, hashes, and the keys that were made of it once. */
function derived(text: string): string[] {
  const bytes = [Buffer.from(text), Buffer.from(text, "base64"), Buffer.from(text, "hex")];
  const hashes = bytes.map((one) => createHash("sha256").update(one).digest());
  const spelled = [...bytes, ...hashes].flatMap((one) =>
    (["utf8", "base64", "base64url", "hex"] as const).map((encoding) => one.toString(encoding)),
  );
  const identities = [text, ...spelled].flatMap((one) => [ageIdentity(one), identityOfId(one)].flatMap(keyLine));
  return [text, ...spelled, ...identities].filter(({ length }) => length >= 8);
}

const keyLine = (file: string): string[] => file.split("\n").filter((line) => line.startsWith("AGE-SECRET-KEY-"));

/** How the key of the dumps was once made, of anything: its seed was an id. */
const identityOfId = (text: string): string => (Buffer.from(text, "base64").length === 32 ? formerIdentity(text) : "");

/**
 * Secrets of a run that anybody can make of its open texts. Only what is drawn tells something about a secret: texts that two runs
 * have in common, such as paths, may be part of one.
 */
async function leaks(program: () => Promise<Graph<object>>): Promise<string[]> {
  const one = await drawnAs("one-", async () => seenOf(await program()));
  const other = await drawnAs("other-", async () => seenOf(await program()));
  const drawn = [...one.open].filter((text) => !other.open.has(text));
  const candidates = [...new Set(drawn.flatMap(derived))];
  const secrets = [...one.secret].filter((text) => !other.secret.has(text));
  if (secrets.length === 0) throw new Error("the program has no secret");
  return secrets.filter((secret) => candidates.some((candidate) => secret.includes(candidate)));
}

beforeAll(() => {
  Object.assign(process.env, localSurroundings);
});

describe("no secret equals, contains or follows from an id, a name or a plain property", () => {
  test("of the local stack", async () => {
    expect(await leaks(() => graphOf(() => compose("local", settingsOf("local"))))).toEqual([]);
  });

  test.each(Object.entries(variants))("of %s", async (_name, [stack, change]) => {
    expect(await leaks(() => cloudGraph(stack, change))).toEqual([]);
  });
});

describe("of a stack whose key was once made of an id", () => {
  /** Made of an id of the state, or of a password. */
  const withEarlier = (formerSeed: boolean) =>
    leaks(() =>
      graphOf(
        () => {
          const seed = drawnBytes("workloads-jobs-dumps-seed").toString("base64");
          const identity = formerSeed ? formerIdentity(seed) : keyLine(ageIdentity(`earlier ${seed}`)).join("");
          return compose("staging", settingsOf("staging"), { identities: pulumi.secret([identity]), formerSeed });
        },
        false,
        answers,
      ),
    );

  test("an earlier identity follows from nothing once its seed is no longer there", async () => {
    expect(await withEarlier(false)).toEqual([]);
  });

  test("control: while it is there, as it always was, what holds that identity is found", async () => {
    const found = await withEarlier(true);
    expect(found.length).toBeGreaterThan(0);
    // Of the two keys in a file, the earlier one alone.
    const [first] = found.map(keyLine);
    expect(first).toHaveLength(2);
  });
});

describe("control: what gives a secret away is found", () => {
  const found = (program: (draw: () => pulumi.Output<string>) => Record<string, pulumi.Output<string>>) =>
    leaks(() => graphOf(() => program(() => new random.RandomBytes("seed", { length: 32 }).base64)));

  test("a key of the dumps made of an id, as it was", async () => {
    expect(await found((draw) => ({ key: pulumi.secret(draw().apply(identityOfId)) }))).toHaveLength(1);
  });

  test.each<[string, (seed: string) => string]>([
    ["the id itself", (seed) => seed],
    ["a text around it", (seed) => `password=${seed}\n`],
    ["its hash", (seed) => createHash("sha256").update(seed).digest("hex")],
    ["the hash of its bytes", (seed) => createHash("sha256").update(Buffer.from(seed, "base64")).digest("base64")],
    ["its bytes in hexadecimal", (seed) => Buffer.from(seed, "base64").toString("hex")],
    ["the key made of it today", ageIdentity],
  ])("%s", async (_what, make) => {
    expect(await found((draw) => ({ secret: pulumi.secret(draw().apply(make)) }))).toHaveLength(1);
  });

  test("a password that is a plain output as well", async () => {
    const program = () => {
      const { result } = new random.RandomPassword("password", { length: 20 });
      return { secret: result, plain: pulumi.unsecret(result) };
    };
    expect(await leaks(() => graphOf(program))).toHaveLength(1);
  });

  test("but not a verifier for its salt", async () => {
    const program = () => {
      const { result } = new random.RandomPassword("password", { length: 20 });
      const { base64 } = new random.RandomBytes("salt", { length: 16 });
      return { verifier: pulumi.secret(pulumi.all([result, base64]).apply(([a, b]) => scramVerifier(a, b))) };
    };
    expect(await leaks(() => graphOf(program))).toEqual([]);
  });
});
