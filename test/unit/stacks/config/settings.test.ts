import { ConfigError } from "../../../../stacks/config/error";
import { applicationSchema } from "../../../../components/postgres/schema";
import { parseSettings, settingsSchema } from "../../../../stacks/config/settings";
import { awsConfig } from "../../../support/clouds/aws-config";

const local = { platform: "local", databases: { app: { applications: { web: {} } } } };
const aws = awsConfig();

/** What a message lists as allowed. */
const sections = Object.keys(settingsSchema.shape).join(", ");
const applicationKeys = Object.keys(applicationSchema.shape).join(", ");

/** Lines of the error, without the first. */
function problemsOf(raw: unknown): string[] {
  try {
    parseSettings(raw);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n  ").slice(1);
    throw error;
  }
  return [];
}

const databases = (applications: unknown): unknown => ({ ...local, databases: { app: { applications } } });

describe("settings", () => {
  test("fill in every default", () => {
    expect(parseSettings(local)).toMatchObject({
      platform: "local",
      objectives: { rto: "30 seconds", rpo: "0 seconds" },
      postgres: { version: 15, replicas: 2, memory: "1 GB" },
      pooler: { poolWait: "30 seconds" },
      databases: { app: { schemas: ["app"], applications: { web: { access: "readwrite", pool: 10 } } } },
      network: { allow: [{ cidr: "127.0.0.1/32", reason: "this machine" }] },
      backup: { tiers: {}, drill: { overdue: "8 days" } },
      local: { portBase: 6400, etcdMembers: 3 },
    });
  });

  test("of aws have no local part", () => {
    const settings = parseSettings(aws);
    expect(settings.local).toBeUndefined();
    expect(settings).toMatchObject({ aws: { topology: "rds-instance" }, kubernetes: { namespace: "howdah" } });
  });
});

describe("a problem", () => {
  test.each([
    [
      "a figure out of range",
      databases({ web: { pool: 0 } }),
      "howdah:databases.app.applications.web.pool: found 0; allowed: a whole number from 1 to 1000",
    ],
    [
      "a figure that is text",
      databases({ web: { pool: "ten" } }),
      'howdah:databases.app.applications.web.pool: found "ten"; allowed: a whole number from 1 to 1000',
    ],
    [
      "a word that is none of the list",
      databases({ web: { access: "admin" } }),
      'howdah:databases.app.applications.web.access: found "admin"; allowed: "readwrite", "readonly", "owner"',
    ],
    [
      "a misspelt key",
      databases({ web: { overflw: 3 } }),
      `howdah:databases.app.applications.web.overflw: unknown key (did you mean "overflow"?); allowed: ${applicationKeys}`,
    ],
    [
      "a misspelt section",
      { ...local, databses: {} },
      `howdah:databses: unknown key (did you mean "databases"?); allowed: ${sections}`,
    ],
    [
      "a key like no other",
      databases({ web: { zebra: 3 } }),
      `howdah:databases.app.applications.web.zebra: unknown key; allowed: ${applicationKeys}`,
    ],
    [
      "a duration without unit",
      { ...local, objectives: { rto: 30 } },
      'howdah:objectives.rto: found 30; allowed: a duration such as "30 seconds", "5 minutes" or "7 days", from 0 seconds to 1 day',
    ],
    [
      "a bad address range",
      { ...local, network: { allow: [{ cidr: "10.0.0.0/33", reason: "office" }] } },
      'howdah:network.allow[0].cidr: found "10.0.0.0/33"; allowed: an address range such as "10.0.0.0/8" or "fd00::/8"',
    ],
    [
      "an address range without reason",
      { ...local, network: { allow: [{ cidr: "10.0.0.0/8" }] } },
      "howdah:network.allow[0].reason: found nothing; allowed: a string",
    ],
    [
      "a bad name",
      databases({ Web: {} }),
      "howdah:databases.app.applications.Web: the name is not allowed; allowed: a lower-case identifier: a letter, then letters, digits or _, at most 48 characters",
    ],
    ["a missing section", { platform: "local" }, "howdah:databases: found nothing; allowed: a mapping"],
    ["a list instead of a mapping", { ...local, databases: [] }, "howdah:databases: found a list; allowed: a mapping"],
    ["no database", { ...local, databases: {} }, "howdah:databases: found no database; allowed: at least one"],
    [
      "a parameter with dots",
      { ...local, postgres: { parameters: { "pg_stat_statements.max": 1 } } },
      'howdah:postgres.parameters["pg_stat_statements.max"]: found 1; allowed: a whole number from 1000 to 100000',
    ],
  ])("names path, value and what is allowed: %s", (_, raw, line) => {
    expect(problemsOf(raw)).toEqual([line]);
  });

  test.each(["0.0.0.0/0", "10.1.2.0/24", "::/0", "fd00:1::/64", "::1/128"])(
    "is none for the address range %s",
    (cidr) => {
      expect(problemsOf({ ...local, network: { allow: [{ cidr, reason: "office" }] } })).toEqual([]);
    },
  );

  test.each([
    "10.0.0.0",
    "10.0.0/8",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "fe80::1%eth0/64",
    "::/129",
    "host/8",
    "10.0.0.0/8/8",
  ])("is one for the address range %s", (cidr) => {
    expect(problemsOf({ ...local, network: { allow: [{ cidr, reason: "office" }] } })).toHaveLength(1);
  });

  test("never shows a value under a key that looks secret, nor the password of a URL", () => {
    const parts = {
      passwords: databases({ db_password: "hunter2" }),
      unknown: databases({ web: { password: "hunter2" } }),
      url: { ...local, objectives: { rto: "postgres://me:hunter2@host/db" } },
      section: { ...local, secretToken: "hunter2" },
    };
    for (const raw of Object.values(parts)) {
      const lines = problemsOf(raw);
      expect(lines).toHaveLength(1);
      expect(lines.join()).not.toContain("hunter2");
    }
    expect(problemsOf(databases({ web: { pool: "hunter2" } })).join()).toContain("hunter2");
  });

  test("is reported together with all others, in the order of the file", () => {
    const raw = {
      backup: { drill: { overdue: "soon" } },
      databases: { app: { applications: { web: { pool: 0 }, postgres: {} } }, template1: {} },
      postgres: { parameters: { fsync: false, wrk_mem: 1 } },
      objectives: { rto: "5 seconds" },
      platform: "local",
    };
    expect(problemsOf(raw).map((line) => line.split(": ")[0])).toEqual([
      "howdah:objectives.rto",
      "howdah:postgres.parameters.fsync",
      "howdah:postgres.parameters.wrk_mem",
      "howdah:databases.app.applications.web.pool",
      "howdah:backup.drill.overdue",
    ]);
  });

  test("counts in the first line", () => {
    expect(() => parseSettings({ platform: "local" })).toThrow(/^1 problem in/);
    expect(() => parseSettings({})).toThrow(/^2 problems in/);
  });

  test.each([undefined, null, 7, "text", []])("is thrown, not a type error, for %p", (raw) => {
    expect(() => parseSettings(raw)).toThrow(ConfigError);
  });
});

describe("the platform decides", () => {
  test.each([
    [
      "local",
      { ...local, aws: aws.aws, kubernetes: aws.kubernetes },
      [
        "howdah:aws: found with platform local; allowed only with platform aws",
        "howdah:kubernetes: found with platform local; allowed only with platform aws",
      ],
    ],
    ["aws", { ...aws, local: {} }, ["howdah:local: found with platform aws; allowed only with platform local"]],
    [
      "aws",
      { ...aws, aws: undefined, kubernetes: undefined },
      [
        "howdah:aws: found nothing; required with platform aws",
        "howdah:kubernetes: found nothing; required with platform aws",
      ],
    ],
  ])("which sections there are on %s", (_, raw, lines) => {
    expect(problemsOf(raw)).toEqual(lines);
  });

  test("does not call a broken section missing", () => {
    expect(problemsOf({ ...aws, kubernetes: { image: "example.com/howdah" } })).toEqual([
      "howdah:kubernetes.context: found nothing; allowed: a string",
    ]);
  });

  test("which RTO can be met: Patroni's limits do not bind RDS, its failover does", () => {
    expect(problemsOf({ ...aws, objectives: { rto: "119 seconds" } })).toEqual([
      'howdah:objectives.rto: found "119 seconds"; allowed: at least "120 seconds", the failover of a Multi-AZ instance; or howdah:aws.topology rds-cluster or aurora',
    ]);
    const aurora = { ...aws.aws, topology: "aurora" };
    expect(problemsOf({ ...aws, objectives: { rto: "40 seconds" }, aws: aurora })).toEqual([]);
  });
});

describe("capacity", () => {
  const sized = (pool: number, memory: string, parameters = {}) => ({
    ...(databases({ web: { pool, overflow: 0 } }) as object),
    postgres: { memory, parameters },
  });

  test("is checked with the connection budget: the same pools pass with more memory", () => {
    expect(problemsOf(sized(400, "512 MB"))).toEqual([
      expect.stringMatching(/^howdah:postgres\.memory: found 512 MB, but \d+ connections/),
    ]);
    expect(problemsOf(sized(400, "8 GB"))).toEqual([]);
  });

  test("refuses pools beyond a max_connections of the user's", () => {
    expect(problemsOf(sized(100, "8 GB", { max_connections: 50 }))).toEqual([
      expect.stringMatching(/^howdah:postgres\.parameters\.max_connections: /),
    ]);
    expect(problemsOf(sized(100, "8 GB", { max_connections: 400 }))).toEqual([]);
  });

  test("transaction_timeout is of PostgreSQL 17", () => {
    const asked = databases({ web: { transactionTimeout: "1 hour" } }) as Record<string, unknown>;
    expect(problemsOf({ ...asked, postgres: { version: 16 } })).toEqual([
      "howdah:databases.app.applications.web.transactionTimeout: found with PostgreSQL 16; allowed from 17 on: use statementTimeout and idleInTransactionTimeout instead",
    ]);
    expect(problemsOf({ ...asked, postgres: { version: 17 } })).toEqual([]);
  });

  test("refuses an unknown setting of PgBouncer", () => {
    expect(problemsOf({ ...local, pooler: { parameters: { no_such_setting: 1 } } })).toEqual([
      expect.stringMatching(/^howdah:pooler\.parameters\.no_such_setting: /),
    ]);
  });

  test("still checks what stands next to a misspelt key of the same section", () => {
    const misspelt = { ...local, objectives: { rto: "10 seconds" }, postgres: { replicaz: 2 } };
    expect(problemsOf(misspelt)).toEqual([
      expect.stringMatching(/^howdah:objectives\.rto: /),
      expect.stringMatching(/^howdah:postgres\.replicaz: unknown key \(did you mean "replicas"\?\)/),
    ]);
  });
});
