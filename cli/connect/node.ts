import { largestPool, type Target } from "./target";
import { block, literal } from "./words";

const pool = (target: Target): string[] => [
  "connectionString: process.env.DATABASE_URL,",
  `application_name: ${literal(target.settings.applicationName)},`,
  `max: ${largestPool(target)},`,
  `maxLifetimeSeconds: ${target.settings.recycle},`,
  `connectionTimeoutMillis: ${target.settings.connectTimeout * 1000},`,
];

/** node-postgres. */
export const nodeLines = (target: Target): string =>
  block(
    'import pg from "pg";',
    "",
    "export const pool = new pg.Pool({",
    ...pool(target).map((line) => `  ${line}`),
    `  query_timeout: ${target.settings.statementTimeout * 1000},`,
    "});",
    "// Of an idle connection: the pool has dropped it.",
    'pool.on("error", () => undefined);',
    target.settings.preparedStatements
      ? "// Prepared once per connection, because it has a name:\n" +
          '// await pool.query({ name: "double", text: "SELECT 2 * $1::int", values: [21] });'
      : "// No statement may have a name: the pooler keeps no prepared statements.",
  );

/** Prisma with its driver adapter. */
export const prismaLines = (target: Target): string =>
  block(
    target.settings.preparedStatements ? 'import { createHash } from "node:crypto";' : undefined,
    'import { PrismaPg } from "@prisma/adapter-pg";',
    'import { PrismaClient } from "./generated/prisma/client";',
    "",
    "const adapter = new PrismaPg(",
    "  {",
    ...pool(target).map((line) => `    ${line}`),
    "  },",
    target.settings.preparedStatements
      ? '  // Without it, statements are prepared each time.\n  { statementNameGenerator: ({ sql }) => createHash("sha256").update(sql).digest("hex").slice(0, 32) },'
      : undefined,
    ");",
    "export const prisma = new PrismaClient({",
    "  adapter,",
    `  transactionOptions: { maxWait: ${target.settings.connectTimeout * 1000}, timeout: ${target.settings.statementTimeout * 1000} },`,
    "});",
  );
