import { checkout } from "../../../../lib/paths";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { memoryProblems } from "../../../../components/postgres/parameters/parameters";
import { parseSettings, settingsSchema } from "../../../../stacks/config/settings";
import { parameterInput } from "../../../../stacks/config/parameters";
import { configSchema, schemaFile } from "../../../../dev/config-schema";

const stacks = ["local", "staging", "prod"];
const textOf = (stack: string): string => readFileSync(join(checkout, `Pulumi.${stack}.yaml`), "utf8");
const keysOf = (stack: string): Record<string, unknown> =>
  (parse(textOf(stack)) as { config: Record<string, unknown> }).config;
const settingsOf = (stack: string) =>
  parseSettings(
    Object.fromEntries(Object.entries(keysOf(stack)).map(([key, value]) => [key.replace("howdah:", ""), value])),
  );

interface Node {
  readonly description?: string;
  readonly properties?: Record<string, Node>;
  readonly items?: Node;
  readonly additionalProperties?: Node | boolean;
}

/** Paths of keys that an editor would show without an error of help. */
function silent(node: Node, path: string): string[] {
  const below = Object.entries(node.properties ?? {}).flatMap(([key, child]) => [
    ...(child.description === undefined ? [`${path}.${key}`] : []),
    ...silent(child, `${path}.${key}`),
  ]);
  const entries = [node.items, node.additionalProperties].filter((child) => typeof child === "object");
  return [...below, ...entries.flatMap((child) => silent(child, `${path}[]`))];
}

describe.each(stacks)("Pulumi.%s.yaml", (stack) => {
  test("parses, and its server has the memory that it needs", () => {
    expect(memoryProblems(parameterInput(settingsOf(stack)))).toEqual([]);
    expect(settingsOf(stack).platform).toBe(stack === "local" ? "local" : "aws");
  });

  test("points editors to the schema", () => {
    expect(textOf(stack).split("\n")[0]).toBe("# yaml-language-server: $schema=./docs/config.schema.json");
  });

  test("has no secret, in clear or encrypted", () => {
    expect(textOf(stack)).not.toMatch(/secure:|password|passphrase|encryptionsalt|BEGIN /i);
  });

  test("has its keys in the order of the schema", () => {
    const order = Object.keys((configSchema().properties as { config: { properties: object } }).config.properties);
    const keys = Object.keys(keysOf(stack));
    expect(keys).toEqual(order.filter((key) => keys.includes(key)));
  });
});

describe("the stacks together", () => {
  test("have the databases and logins of one application", () => {
    const logins = stacks.map((stack) => Object.keys(settingsOf(stack).databases.app!.applications));
    expect(logins).toEqual([logins[0], logins[0], logins[0]]);
  });

  test("lose nothing in prod", () => {
    expect(settingsOf("prod").objectives.rpo).toBe("0 seconds");
  });
});

describe("docs/config.schema.json", () => {
  test("is in step with the schema (else: npm run schema)", () => {
    expect(JSON.parse(readFileSync(schemaFile, "utf8"))).toEqual(JSON.parse(JSON.stringify(configSchema())));
  });

  test("describes every key", () => {
    const { config } = configSchema().properties as { config: Node };
    expect(Object.keys(config.properties ?? {})).toEqual(
      Object.keys(settingsSchema.shape).map((key) => `howdah:${key}`),
    );
    expect(silent(config, "config")).toEqual([]);
  });
});
