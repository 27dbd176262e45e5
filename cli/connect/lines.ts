import { jdbcLines, pgxLines, sqlxLines } from "./compiled";
import { nodeLines, prismaLines } from "./node";
import { djangoLines, sqlalchemyLines } from "./python";
import { envLines, psqlLines } from "./shell";
import type { Target } from "./target";

/** What `howdah connect --print` can write. Only `env` has the password: the others read the variables that it sets. */
export const lines = {
  psql: psqlLines,
  env: envLines,
  node: nodeLines,
  sqlalchemy: sqlalchemyLines,
  prisma: prismaLines,
  jdbc: jdbcLines,
  pgx: pgxLines,
  sqlx: sqlxLines,
  django: djangoLines,
} as const satisfies Readonly<Record<string, (target: Target) => string>>;

export type Kind = keyof typeof lines;

export const kinds = Object.keys(lines) as [Kind, ...Kind[]];
