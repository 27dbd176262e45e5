import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { groups } from "../../../cli/kit/command";
import type { Parsed } from "../../../cli/kit/run";
import { createProgram } from "../../../cli/program";
import { registry } from "../../../cli/registry";
import { checkout } from "../../../lib/paths";

const help = (): string => createProgram().helpInformation();

test("every file in cli/commands is a verb of the registry, of its name", () => {
  const files = readdirSync(join(checkout, "cli", "commands"), { recursive: true, encoding: "utf8" });
  const names = files.filter((file) => file.endsWith(".ts")).map((file) => basename(file, ".ts"));
  expect(registry.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
});

test("internal verbs, and no others, are in cli/commands/internal", () => {
  const files = readdirSync(join(checkout, "cli", "commands", "internal")).map((file) => basename(file, ".ts"));
  const internal = registry.filter(({ group }) => group === "internal").map(({ name }) => name);
  expect(internal.toSorted()).toEqual(files.toSorted());
});

test("--help lists the verbs group by group, and none that is internal", () => {
  const lines = help().split("\n");
  const titles = Object.entries(groups).flatMap(([group, title]) => (group === "internal" ? [] : [`${title}:`]));
  expect(lines.filter((line) => titles.includes(line))).toEqual(titles);
  expect(lines).not.toContain(`${groups.internal}:`);
  for (const { name, group } of registry)
    expect([name, lines.some((line) => line.startsWith(`  ${name} `))]).toEqual([name, group !== "internal"]);
});

test("the help of a verb says how to name the stack", () => {
  const [command] = createProgram().commands.filter((one) => one.name() === "drill");
  expect(command?.helpInformation()).toMatch(/--quick[\s\S]*Global Options:[\s\S]*--stack <name>[\s\S]*--json/);
});

/** What a verb is given for a command line. */
async function given(...argv: string[]): Promise<Parsed & { verb: string }> {
  const calls: (Parsed & { verb: string })[] = [];
  const program = createProgram((verb, rest) => {
    calls.push({ verb: verb.name, ...rest });
    return Promise.resolve();
  });
  await program.parseAsync(["node", "howdah", ...argv]);
  const [call] = calls;
  if (call === undefined) throw new Error("no verb was run");
  return call;
}

test("a verb is given its options by name, those of every verb apart", async () => {
  const { verb, options, input } = await given("restore", "--to-lsn", "0/3", "--in-place", "--stack", "a", "--json");
  expect(verb).toBe("restore");
  expect(options).toMatchObject({ stack: "a", json: true });
  expect(input).toMatchObject({ toLsn: "0/3", inPlace: true, dryRun: false, into: undefined });
});

test("arguments come by name, an option that may be repeated as a list", async () => {
  const named = await given("backup", "logical", "--database", "a", "--database", "b", "--tier", "schema");
  expect(named.input).toEqual({ kind: "logical", database: ["a", "b"], tier: "schema" });
  expect((await given("backup")).input).toEqual({ kind: undefined, database: [], tier: undefined });
});

test("values are read, and have their defaults", async () => {
  expect((await given("maintain")).input).toEqual({ reindex: false, for: 3_600_000, dryRun: false });
  expect((await given("maintain", "--for", "2 hours")).input).toMatchObject({ for: 7_200_000 });
  expect((await given("drain-pooler", "--grace", "5 seconds", "--port", "7000")).input).toMatchObject({
    grace: 5000,
    port: 7000,
    socketDirectory: "/run/pgbouncer",
  });
});
