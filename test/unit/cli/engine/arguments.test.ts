import fc from "fast-check";
import {
  managedArguments,
  needsConfig,
  readInvocation,
  readsOwnConfig,
  takesLock,
} from "../../../../cli/engine/arguments";

const files = { effective: "/state/local.yaml", edited: "/tests/mine.yaml" };
const read = (line: string): ReturnType<typeof readInvocation> => readInvocation(line.split(" "));

describe("reading the engine's command line", () => {
  test.each([
    ["up", ["up"], undefined],
    ["update --yes", ["up"], undefined],
    ["-C /tmp preview -s prod", ["preview"], "prod"],
    ["--color never dn --stack=staging", ["destroy"], "staging"],
    ["stack output --json --stack local", ["stack", "output"], "local"],
    ["stack init e2e", ["stack", "init"], "e2e"],
    ["cancel e2e --yes", ["cancel"], "e2e"],
    ["up -f -s e2e", ["up"], "e2e"],
    ["stack import --file x.json", ["stack", "import"], undefined],
    ["up -m up -- --stack prod", ["up"], undefined],
    ["stack output stack", ["stack", "output"], undefined],
    ["--help", [], undefined],
  ])("%s", (line, command, stack) => {
    expect(read(line)).toMatchObject({ command });
    expect(read(line).stack).toBe(stack);
  });

  test("finds the stack wherever the flag stands and however it is written", () => {
    const cases = fc.record({
      stack: fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/),
      flag: fc.constantFrom("-s", "--stack"),
      inline: fc.boolean(),
      others: fc.array(fc.constantFrom("--yes", "--json", "--skip-preview", "--refresh"), { maxLength: 4 }),
      location: fc.nat(4),
    });
    fc.assert(
      fc.property(cases, ({ stack, flag, inline, others, location }) => {
        const args: string[] = [...others];
        args.splice(Math.min(location, args.length), 0, ...(inline ? [`${flag}=${stack}`] : [flag, stack]));
        expect(readInvocation(["up", ...args]).stack).toBe(stack);
      }),
    );
  });

  test("knows which commands read the config and which take the lock", () => {
    expect(["up", "preview", "destroy", "refresh", "import"].every((word) => needsConfig(read(word)))).toBe(true);
    expect(["stack output", "config set a b", "plugin ls", "cancel"].some((line) => needsConfig(read(line)))).toBe(
      false,
    );
    expect(["up", "destroy", "refresh", "stack rm x", "state delete"].every((line) => takesLock(read(line)))).toBe(
      true,
    );
    expect(["preview", "stack output", "stack ls", "cancel"].some((line) => takesLock(read(line)))).toBe(false);
  });
});

describe("arguments for a stack whose config we manage", () => {
  test("hands over the effective config, before a double dash", () => {
    expect(managedArguments(["up", "--yes"], files)).toEqual(["up", "--yes", "--config-file", "/state/local.yaml"]);
    expect(managedArguments(["import", "--", "x"], files)).toEqual([
      "import",
      "--config-file",
      "/state/local.yaml",
      "--",
      "x",
    ]);
  });

  test("leaves a config file that the user has named alone", () => {
    const args = ["up", "--config-file=mine.yaml"];
    expect(managedArguments(args, files)).toEqual(args);
  });

  test("lets config commands edit the file that the user named, not the effective one", () => {
    expect(managedArguments(["config", "set", "a", "b"], files)).toContain("/tests/mine.yaml");
    expect(managedArguments(["config"], { effective: files.effective })).toEqual(["config"]);
  });

  test("never lets `stack rm` delete the checkout's config", () => {
    expect(managedArguments(["stack", "rm", "local"], files)).toEqual(["stack", "rm", "local", "--preserve-config"]);
  });

  test("leaves every other command as it was typed", () => {
    expect(managedArguments(["stack", "output", "--json"], files)).toEqual(["stack", "output", "--json"]);
  });
});

describe("the stack's own file is what the program reads", () => {
  test.each(["up", "preview --diff", "pre -s mine", "watch", "update -f"])("by %s", (line) => {
    expect(readsOwnConfig(read(line))).toBe(true);
  });

  test.each([
    "destroy",
    "refresh",
    "stack output",
    "config set a b",
    "up -c a=b",
    "preview --config a=b",
    "up --config=a=b",
    "up --config-file other.yaml",
  ])("but not by %s", (line) => {
    expect(readsOwnConfig(read(line))).toBe(false);
  });
});
