import { parse } from "yaml";
import { recordedVersion, withVersion } from "../../../../cli/engine/postgres-version";

const never = (): number => {
  throw new Error("asked for a version that the config names");
};

describe("the version of PostgreSQL in a stack's config", () => {
  test.each([
    "config:\n  howdah:platform: local\n",
    "# a comment\nconfig:\n  howdah:postgres:\n    replicas: 1\n",
    "config: { 'howdah:postgres': {} }",
  ])("is added if the config names none: %j", (text) => {
    const { config } = parse(withVersion(text, () => 17)) as { config: { "howdah:postgres": unknown } };
    expect(config).toMatchObject({ ...(parse(text) as { config: object }).config, "howdah:postgres": { version: 17 } });
  });

  test.each([
    "config:\n  howdah:postgres:\n    version: 15\n",
    "config:\n  howdah:postgres:\n    version: fifteen\n",
    "config:\n  howdah:postgres: 15\n",
    "config: nothing\n",
    "config: [",
    "",
  ])("is left to the check of the config otherwise: %j", (text) => {
    expect(withVersion(text, never)).toBe(text);
  });
});

describe("the version that a stack was created with", () => {
  const state = (...resources: object[]): string => JSON.stringify({ checkpoint: { latest: { resources } } });
  const fixed = (version: string): object => ({
    type: "host:index:Fixed",
    inputs: { values: { "howdah:local.portBase": "6400", "howdah:postgres.version": version } },
  });

  test("is what its state has recorded", () => {
    expect(recordedVersion(state({ type: "pulumi:pulumi:Stack" }, fixed("15")))).toBe(15);
    expect(recordedVersion(state(fixed("17"), { type: "other", inputs: {} }))).toBe(17);
  });

  test.each([
    ["no state", undefined],
    ["a state without resources", '{"version":3,"checkpoint":{"latest":null}}'],
    ["an `up` that did not come that far", state({ type: "pulumi:pulumi:Stack" })],
    ["a version that nobody supports", state(fixed("9"))],
  ])("is unknown with %s", (_, text) => {
    expect(recordedVersion(text)).toBeUndefined();
  });
});
