import { cloudGraph, type CloudKeys, variants } from "../support/clouds/cloud-graph";
import { clear, type Graph } from "../support/graph";

const wanted = ["pgcrypto", "pg_cron", { name: "vector", schema: "app" }];
const [, aurora] = Object.entries(variants).find(([name]) => /Aurora/.test(name))!;

const withExtensions = (keys: CloudKeys, settings: object = {}): void => {
  Object.assign(keys.databases["app"]!, { extensions: wanted, ...settings });
};

describe.each([
  ["RDS", ["staging", () => undefined] as (typeof variants)[string], "pg_cron,pg_stat_statements,pgaudit"],
  [
    "a Multi-AZ DB cluster",
    ["prod", () => undefined] as (typeof variants)[string],
    "pg_cron,pg_stat_statements,pgaudit,flow_control",
  ],
  ["Aurora", aurora, "pg_cron,pg_stat_statements,pgaudit"],
])("extensions on %s", (_, [stack, change], libraries) => {
  let graph: Graph<unknown>;
  const registration = (name: string) => graph.registrations.find((one) => one.name === name)!;

  beforeAll(async () => {
    graph = await cloudGraph(stack, (keys) => {
      change(keys);
      withExtensions(keys);
    });
  });

  test("decide what the servers load when they start, and where pg_cron has its jobs", () => {
    const parameters = graph.registrations
      .filter(({ type }) => /arameterGroup$/.test(type))
      .flatMap(({ inputs }) => (clear(inputs) as { parameters: { name: string; value: string }[] }).parameters);
    const values = new Map(parameters.map(({ name, value }) => [name, value]));
    expect(values.get("shared_preload_libraries")).toBe(libraries);
    expect(values.get("cron.database_name")).toBe("app");
    expect(values.has("cron.use_background_workers")).toBe(false);
  });

  test("are made by the administrator: trusted ones through the provider, others by a script", () => {
    expect(registration("access-extension-app-pgcrypto")).toMatchObject({
      type: "postgresql:index/extension:Extension",
      inputs: { name: "pgcrypto", database: "app", schema: "extensions", dropCascade: false },
    });
    expect(registration("access-schema-app-extensions").inputs).toMatchObject({ owner: "howdah_admin" });
    const { type, inputs } = registration("access-extension-app-vector");
    expect(type).toBe("host:index:AdministratorScript");
    expect(JSON.stringify(clear(inputs))).toMatch(/CREATE EXTENSION.*vector.*SCHEMA.*extensions.*SET SCHEMA.*app/s);
    expect(inputs["revert"]).toBe('DROP EXTENSION IF EXISTS "vector" RESTRICT');
    expect(JSON.stringify(clear(registration("access-extension-app-pg_cron").inputs))).toContain(
      "GRANT USAGE ON SCHEMA cron TO",
    );
  });
});
