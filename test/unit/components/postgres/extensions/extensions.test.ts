import fc from "fast-check";
import { catalogue, packageOf } from "../../../../../components/postgres/extensions/catalogue";
import { auditedClasses, auditTerms } from "../../../../../components/postgres/extensions/audit";
import {
  extensionDefaults,
  extensionParameters,
  placed,
  preloadList,
  withDemanded,
} from "../../../../../components/postgres/extensions/extensions";
import { awsExtensionProblems, extensionProblems } from "../../../../../components/postgres/extensions/rules";
import { accessPlan } from "../../../../../components/postgres/access/plan";
import { stepsOf } from "../../../../../components/postgres/access/steps";
import { forced } from "../../../../../components/postgres/parameters/forced";
import { type Databases, databasesSchema } from "../../../../../components/postgres/schema";
import { extensionPackages } from "../../../../../stacks/config/extension-packages";
import { parameterInput } from "../../../../../stacks/config/parameters";
import { parseSettings } from "../../../../../stacks/config/settings";
import { awsConfig } from "../../../../support/clouds/aws-config";

const names = Object.keys(catalogue);
const databasesWith = (...extensions: unknown[]): Databases =>
  databasesSchema.parse({ app: { extensions, applications: { web: {} } } });
const messages = (databases: Databases): string =>
  extensionProblems(databases)
    .map(({ message }) => message)
    .join("\n");

describe("the catalogue", () => {
  test("is sorted", () => {
    expect(names).toEqual([...names].sort());
  });

  test.each([
    ["vector", 17, "postgresql-17-pgvector"],
    ["postgis", 15, "postgresql-15-postgis-3"],
    ["pg_cron", 15, "postgresql-15-cron"],
    ["pgcrypto", 15, undefined],
    ["constructor", 15, undefined],
  ])("has the package of %s", (name, major, expected) => {
    expect(packageOf(name, major)).toBe(expected);
  });

  test("what is trusted needs no package, no library and no special place", () => {
    for (const entry of Object.values(catalogue).filter(({ trusted }) => trusted))
      expect(entry).toMatchObject({ trusted: true, place: "any" });
  });
});

describe("shared_preload_libraries", () => {
  const always = forced["shared_preload_libraries"]!.value.split(",");

  test("always has what is forced, is sorted and names each once", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...names)), fc.array(fc.constantFrom("pgaudit", "flow")), (some, more) => {
        const list = preloadList(some, more);
        expect(list).toEqual(expect.arrayContaining([...always, ...more]));
        expect(list).toEqual([...new Set(list)].sort());
      }),
    );
  });

  test("is what it was as long as no extension needs a library", () => {
    expect(extensionParameters(databasesWith("pgcrypto", "vector"))).toEqual({
      shared_preload_libraries: forced["shared_preload_libraries"]!.value,
    });
  });

  test("follows from the extensions of all databases, with the parameters of pg_cron and pgaudit", () => {
    const databases = { ...databasesWith("pgaudit"), jobs: databasesWith("pg_cron")["app"]! };
    expect(extensionParameters(databases)).toEqual({
      shared_preload_libraries: "pg_cron,pg_stat_statements,pgaudit",
      "pgaudit.log_parameter": "off",
      "cron.database_name": "jobs",
      "cron.use_background_workers": "on",
    });
    expect(extensionDefaults(databases)).toEqual({ "pgaudit.log": "ddl,role" });
    expect(extensionDefaults(databasesWith("pg_cron"))).toEqual({});
  });

  test("is not for a user to override", () => {
    const config = {
      platform: "local",
      databases: { app: {} },
      postgres: { parameters: { shared_preload_libraries: "x", "cron.database_name": "app" } },
    };
    expect(() => parseSettings(config)).toThrow(/shared_preload_libraries: cannot.*\n.*cron.database_name"\]: cannot/);
  });
});

describe("pgaudit.log", () => {
  const classes = auditTerms.filter((term) => !/^-|all|none/.test(term));

  test("logs what its last term about a class says", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...auditTerms), { minLength: 1 }), (terms) => {
        const logged = auditedClasses(terms.join(", "));
        for (const one of classes) {
          const last = terms.findLast((term) => term.endsWith("all") || term.replace("-", "") === one);
          expect([one, logged.has(one)]).toEqual([one, last !== undefined && !last.startsWith("-")]);
        }
      }),
    );
  });

  const parse = (
    text: string | undefined,
    { extensions = [], ...rest }: { extensions?: string[]; compliance?: string },
  ) =>
    parseSettings({
      platform: "local",
      databases: { app: { extensions } },
      postgres: text === undefined ? {} : { parameters: { "pgaudit.log": text } },
      ...rest,
    });

  test("is refused if no server loads pgaudit", () => {
    expect(() => parse("ddl, role, write", {})).toThrow(
      /pgaudit.log"\]: found "ddl, role, write", but no server loads pgaudit; allowed with the extension pgaudit/,
    );
    const config = awsConfig();
    config.postgres["parameters"] = { "pgaudit.log": "write" };
    for (const settings of [parse("write", { extensions: ["pgaudit"] }), parseSettings(config)])
      expect(parameterInput(settings).overrides).toMatchObject({ "pgaudit.log": "write" });
    expect(parameterInput(parse(undefined, { extensions: ["pgaudit"] })).overrides).toEqual({
      "pgaudit.log": "ddl,role",
    });
  });

  test.each([
    ["ddl, role", true],
    ["all, -read", true],
    ["role", false],
    ["all, -ddl", false],
    ["none", false],
  ])("with hipaa, %s is allowed: %s", (text, isAllowed) => {
    const errorOf = (): string => {
      try {
        parse(text, { compliance: "hipaa" });
        return "";
      } catch (error) {
        return String(error);
      }
    };
    expect(/pgaudit.log"\]: found .*required by hipaa-audit-controls \(45 CFR 164.312\(b\)\)/.test(errorOf())).toBe(
      !isAllowed,
    );
  });
});

describe("the extensions of a config", () => {
  test("go to howdah's schema, unless the config or the extension names another one", () => {
    expect(placed(databasesWith("pgcrypto", { name: "vector", schema: "app" }, "pg_cron")["app"]!)).toEqual([
      { name: "pg_cron", schema: "pg_catalog" },
      { name: "pgcrypto", schema: "extensions" },
      { name: "vector", schema: "app" },
    ]);
  });

  test("contain those of the platform, and with hipaa pgaudit, once", () => {
    const named = (databases: Databases) => databases["app"]!.extensions.map(({ name }) => name);
    expect(named(withDemanded(databasesWith("pg_trgm"), "none", ["pg_stat_statements"]))).toEqual([
      "pg_trgm",
      "pg_stat_statements",
    ]);
    expect(named(withDemanded(databasesWith("pgaudit"), "hipaa", ["pg_stat_statements"]))).toEqual([
      "pgaudit",
      "pg_stat_statements",
    ]);
  });

  test("may be any of the catalogue", () => {
    expect(messages(databasesWith(...names))).toBe("");
  });

  test.each([
    [["pgcrypt"], /"pgcrypt" is not in howdah's catalogue .*did you mean "pgcrypto"\?/],
    [["constructor"], /"constructor" is not in howdah's catalogue/],
    [["citext", { name: "citext" }], /"citext" is listed twice/],
    [[{ name: "citext", schema: "public" }], /found schema "public" for citext; allowed: "app", "extensions"/],
    [[{ name: "postgis", schema: "app" }], /found schema "app" for postgis; allowed: "extensions", because its script/],
    [[{ name: "pg_cron", schema: "app" }], /found schema "app" for pg_cron; allowed: "pg_catalog"/],
  ])("are refused if they are %j", (extensions, message) => {
    expect(messages(databasesWith(...extensions))).toMatch(message);
  });

  test("have pg_cron in one database only", () => {
    const { app } = databasesWith("pg_cron");
    expect(messages({ one: app!, two: app! })).toMatch(/found pg_cron, which database "one" has already/);
  });

  test("cannot share their schema with the applications", () => {
    const config = { platform: "local", databases: { app: { schemas: ["extensions"] } } };
    expect(() => parseSettings(config)).toThrow(/"extensions" is reserved/);
  });

  test.each([
    ["RDS", "14.8", ["hypopg", "vector"]],
    ["RDS", "14.9", []],
    ["RDS", "15.3", ["hypopg", "vector"]],
    ["RDS", "16.1", ["seg", "tcn"]],
    ["Aurora", "14.6", ["hypopg", "seg", "tcn", "vector"]],
    ["Aurora", "17.4", ["hypopg"]],
    ["Aurora", "18.3", []],
  ] as const)("are refused on AWS if the engine does not have them: %s %s", (service, version, missing) => {
    const problems = awsExtensionProblems(databasesWith(...names), { service, version });
    expect(problems.map(({ path }) => names[Number(path[3])])).toEqual(missing);
    for (const { message } of problems)
      expect(message).toMatch(`which ${service} ${version} does not have; allowed: from howdah:aws.engineVersion`);
  });

  test("of a config for AWS are checked with its topology and version", () => {
    const config = awsConfig();
    Object.assign(config.databases["app"]!, { extensions: ["seg"] });
    const parse = (settings: object) => () => {
      Object.assign(config.aws, settings);
      return parseSettings(config);
    };
    expect(parse({ engineVersion: "15.14" })).not.toThrow();
    config.postgres["version"] = 16;
    config.kubernetes["imagePostgres"] = 16;
    expect(parse({ engineVersion: "16.1" })).toThrow(/"seg", which RDS 16.1 does not have; allowed: from .*"16.2" on/);
    expect(parse({ topology: "aurora" })).not.toThrow();
  });
});

describe("the plan", () => {
  const planOf = (...extensions: unknown[]) => accessPlan(databasesWith(...extensions));
  const pathOf = (...extensions: unknown[]) =>
    stepsOf(planOf(...extensions), "login").find(({ role }) => role === "web")?.searchPath;

  test("makes the schema, its grants and then the extensions", () => {
    const steps = planOf("pgcrypto").map(({ name }) => name);
    expect(steps.slice(steps.indexOf("schema-app-extensions"))).toEqual([
      "schema-app-extensions",
      "grant-app-schema-extensions-app_owner",
      "grant-app-schema-extensions-app_readonly",
      "grant-app-schema-extensions-howdah_backup",
      "grant-app-schema-extensions-howdah_monitoring",
      "extension-app-pgcrypto",
    ]);
  });

  test("has logins find names there, as long as the config puts anything there that is used in SQL", () => {
    expect(pathOf("pgcrypto")).toEqual(["app", "extensions"]);
    expect(pathOf("pg_stat_statements", "pgaudit", { name: "pgcrypto", schema: "app" })).toEqual(["app"]);
    expect(pathOf()).toEqual(["app"]);
  });
});

describe("packages of a config's text", () => {
  const text = (databases: string): string => `config:\n  howdah:platform: local\n  howdah:databases: ${databases}\n`;

  test("are those of its extensions, each once", () => {
    const databases = "{a: {extensions: [pgcrypto, {name: vector, schema: a}]}, b: {extensions: [vector, postgis]}}";
    expect(extensionPackages(text(databases), 16).map(({ name }) => name)).toEqual([
      "postgresql-16-postgis-3",
      "postgresql-16-pgvector",
    ]);
  });

  test("contain pgaudit's with hipaa", () => {
    const hipaa = `${text("{a: {}}")}  howdah:compliance: hipaa\n`;
    expect(extensionPackages(hipaa, 15)).toEqual([{ name: "postgresql-15-pgaudit", extension: "pgaudit" }]);
  });

  test.each([
    undefined,
    "",
    "config: [",
    text("[a]"),
    text("{a: {extensions: 5}}"),
    text("{a: {extensions: [7, {}]}}"),
  ])("are none of %j, whose faults the check of the config names", (config) => {
    expect(extensionPackages(config, 15)).toEqual([]);
  });
});
