import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { newestVerified, verifiedOf } from "../../../../../../../components/platforms/aws/backups/dumps/verified";
import { type Answers, graphOf } from "../../../../../../support/graph";

const lastVerifiedAt = "2026-11-25T12:00:00.000Z";
const drill = { lastVerifiedAt, measuredRtoSeconds: 4.2, measuredRpoSeconds: 60 };

test("the record of a drill is read, and what else is in it left out", () => {
  expect(verifiedOf(JSON.stringify({ ...drill, passed: true }))).toEqual(drill);
});

test("a drill that has measured no RPO says none", () => {
  const known = { lastVerifiedAt, measuredRtoSeconds: 4.2 };
  expect(verifiedOf(JSON.stringify(known))).toEqual(known);
});

test("what is no record of a drill that has passed proves nothing", () => {
  const failed = { passed: false, measuredRtoSeconds: 4.2 };
  for (const text of [
    "",
    "{",
    "null",
    "[]",
    JSON.stringify(failed),
    JSON.stringify({ ...drill, measuredRtoSeconds: -1 }),
  ])
    expect(verifiedOf(text)).toBeUndefined();
});

test("no text makes it fail", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(() => verifiedOf(text)).not.toThrow();
    }),
  );
});

const key = "dumps/drills/latest.json";
const list = "aws:s3/getObjects:getObjects";
const read = "aws:s3/getObject:getObject";

async function asked(answers: Answers): Promise<unknown> {
  const { result } = await graphOf(() => newestVerified(pulumi.output("bucket"), {}), false, answers);
  return new Promise((resolve) => result.apply(resolve));
}

test("before the first drill the object is not asked for", async () => {
  await expect(asked({ [list]: () => ({ keys: [] }) })).resolves.toBeUndefined();
});

test("an object whose name only begins alike is none", async () => {
  await expect(asked({ [list]: () => ({ keys: [`${key}.old`] }) })).resolves.toBeUndefined();
});

test("the newest record is read from the bucket", async () => {
  const answers: Answers = {
    [list]: (inputs) => {
      expect(inputs).toMatchObject({ bucket: "bucket", prefix: key });
      return { keys: [key] };
    },
    [read]: (inputs) => {
      expect(inputs).toMatchObject({ bucket: "bucket", key });
      return { body: JSON.stringify(drill) };
    },
  };
  await expect(asked(answers)).resolves.toEqual(drill);
});

test("nothing is asked in a preview that has yet to make the bucket", async () => {
  const unknown = pulumi.unknown as unknown as string;
  const { result } = await graphOf(() => newestVerified(pulumi.output(unknown), {}), true);
  await expect((result as unknown as { isKnown: Promise<boolean> }).isKnown).resolves.toBe(false);
});
