import { readFileSync } from "node:fs";
import { join } from "node:path";
import { kinds, type Kind, lines } from "../../../../cli/connect/lines";
import type { Target } from "../../../../cli/connect/target";
import { example } from "../../../../dev/drivers/drivers";
import { checkout } from "../../../../lib/paths";

const secret = "s3cr3t'word";
const url = new URL(example.url);
url.password = secret;
const target: Target = { ...example, url: url.toString() };
const unprepared: Target = { ...target, settings: { ...target.settings, preparedStatements: false } };

test.each(kinds.filter((kind) => kind !== "env"))("the lines of %s have no password", (kind) => {
  const text = lines[kind](target);
  expect(text).not.toContain("s3cr3t");
  expect(text).not.toMatch(/(: |=)undefined|NaN|\[object/);
});

test("the lines for a shell set what libpq reads, quoted", () => {
  const text = lines.env(target);
  expect(text).toContain(String.raw`export PGPASSWORD='s3cr3t'\''word'`);
  expect(text).toContain("export PGSSLMODE=verify-full\n");
  expect(text).toContain("export PGSSLROOTCERT=/var/lib/howdah/local/tls/ca.crt\n");
  expect(text.split("\n").every((line) => /^export [A-Z_]+=\S+$/.test(line))).toBe(true);
});

test("psql reads the service file", () => {
  expect(lines.psql({ ...target, service: "app-read-only" })).toBe(
    "PGSERVICEFILE=/var/lib/howdah/.stacks/local.pg_service.conf psql service=app-read-only",
  );
});

test.each<[Kind, string[]]>([
  ["node", ["max: 9,", "maxLifetimeSeconds: 77,", "connectionTimeoutMillis: 3000,", "query_timeout: 44000,"]],
  ["prisma", ["max: 9,", "maxLifetimeSeconds: 77,", "maxWait: 3000, timeout: 44000"]],
  ["sqlalchemy", ["pool_size=7,", "max_overflow=2,", "pool_recycle=77,", "pool_pre_ping=False,", '"timeout": 3,']],
  ["django", ['"max_size": 9,', '"max_lifetime": 77,', '"CONN_HEALTH_CHECKS": False,', '"connect_timeout": 3,']],
  ["jdbc", ["setMaximumPoolSize(9)", "setMaxLifetime(77000L)", "socketTimeout=44", "connectTimeout=3&"]],
  ["pgx", ["MaxConns = 9", "77 * time.Second", "3 * time.Second"]],
  ["sqlx", ["max_connections(9)", "max_lifetime(Duration::from_secs(77))", "from_secs(5))", "acquire(false)"]],
])("the lines of %s have the stack's own figures", (kind, figures) => {
  const figuresOfPool = { poolSize: 7, maxOverflow: 2, recycle: 77, poolTimeout: 5, prePing: false };
  const own = { ...figuresOfPool, connectTimeout: 3, statementTimeout: 44 };
  const text = lines[kind]({ ...target, settings: { ...target.settings, ...own } });
  for (const figure of figures) expect(text).toContain(figure);
});

test.each<[Kind, RegExp, boolean]>([
  ["node", /name: "double"/, true],
  ["prisma", /statementNameGenerator/, true],
  ["django", /"prepare_threshold": 5/, true],
  ["sqlalchemy", /statement_cache_size": 0/, false],
  ["jdbc", /prepareThreshold=0/, false],
  ["pgx", /QueryExecModeExec/, false],
  ["sqlx", /persistent\(false\)/, false],
])("whether statements are prepared is in the lines of %s", (kind, words, prepared) => {
  expect(words.test(lines[kind](target))).toBe(prepared);
  expect(words.test(lines[kind](unprepared))).toBe(!prepared);
});

/** Options of the pool and the driver that occur in some lines. */
const options = {
  node: /^ {2}(\w+):/gm,
  prisma: /^ {2,4}(\w+):/gm,
  sqlalchemy: /^ {4,8}"?((?:pool|max|command|server|timeout|ssl)\w*)"?[=:]/gm,
  django: /"(\w+)": /g,
  jdbc: /(set(?:M|ConnectionT)\w+|\w+Timeout)\b/g,
  pgx: /(?:config|ConnConfig)\.(\w+)/g,
  sqlx: /\.(\w+)\(/g,
} as const;

test.each<[keyof typeof options, string]>([
  ["node", "node/pg.mjs"],
  ["prisma", "node/prisma.mjs"],
  ["sqlalchemy", "python/sqlalchemy_program.py"],
  ["django", "python/django_program.py"],
  ["jdbc", "java/Pgjdbc.java"],
  ["pgx", "go/main.go"],
  ["sqlx", "rust/src/main.rs"],
])("each option in the lines of %s is one that test/drivers runs with", (kind, program) => {
  const source = readFileSync(join(checkout, "test", "drivers", program), "utf8");
  const found = [...lines[kind](target).matchAll(options[kind])].map(([, name = ""]) => name);
  expect(found.length).toBeGreaterThan(2);
  expect(found.filter((name) => !source.includes(name) && !["sslmode", "sslrootcert"].includes(name))).toEqual([]);
});
