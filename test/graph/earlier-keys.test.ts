import * as pulumi from "@pulumi/pulumi";
import { earlierKeysOf } from "../../stacks/compose";
import { ageIdentity, identitiesIn } from "../../components/backup/age-identity";
import { type Answers, graphOf, settingsOf } from "../support/graph";

const token = "pulumi:pulumi:readStackResourceOutputs";
const backupKey = ageIdentity("of an earlier up");
const state = {
  "urn:pulumi:local::howdah::pulumi:pulumi:Stack::howdah-local": {
    type: "pulumi:pulumi:Stack",
    outputs: { backupKey },
  },
};
const asked: unknown[] = [];
const answers: Answers = {
  [token]: (inputs) => {
    asked.push(inputs);
    return { name: "local", outputs: state };
  },
};

beforeEach(() => asked.splice(0));

/** What the state has of the key of a stack. */
const keysOf = async (stack: string, given = answers, change?: Parameters<typeof settingsOf>[1]) =>
  (await graphOf(() => earlierKeysOf(settingsOf(stack, change)), false, given)).result;

test("a cloud stack reads its own state, and what it finds is secret", async () => {
  const keys = await keysOf("staging");
  expect(asked).toEqual([{ stackName: "local" }]);
  expect(keys?.formerSeed).toBe(false);
  expect(await pulumi.isSecret(keys!.identities)).toBe(true);
  expect(await new Promise((resolve) => keys!.identities.apply(resolve))).toEqual(identitiesIn(backupKey));
});

test("a stack of an organization is read by its whole name, as Pulumi Cloud asks for", async () => {
  const runtime = pulumi.runtime as unknown as { _setOrganization(name: string): void };
  await graphOf(
    () => {
      runtime._setOrganization("acme");
      return earlierKeysOf(settingsOf("staging"));
    },
    false,
    answers,
  ).then(({ result }) => result);
  expect(asked).toEqual([{ stackName: "acme/howdah/local" }]);
});

test("a state that cannot be read is an error: an earlier key would be lost", async () => {
  await expect(keysOf("staging", {})).rejects.toThrow();
  await expect(keysOf("staging", { [token]: () => ({}) })).rejects.toThrow("outputs");
});

test("a stack that makes no key, or keeps earlier ones in a file, reads nothing", async () => {
  const recipient = `age1${"q".repeat(58)}`;
  expect(await keysOf("staging", answers, (keys) => (keys["backup"] = { logical: { recipient } }))).toBeUndefined();
  expect(await keysOf("local")).toBeUndefined();
  expect(asked).toEqual([]);
});
