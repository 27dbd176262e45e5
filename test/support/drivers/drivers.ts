import type { Language } from "./install";

/** A driver that the matrix runs. */
export interface Driver {
  /** As `docs/drivers.md` and the rows in the database name it. */
  readonly name: string;
  readonly language: Language;
  /** Its program in test/drivers/<language>. */
  readonly program: string;
  /** False if it has no prepared statements. */
  readonly prepares?: false;
  /** Workers of its load. */
  readonly workers: number;
  /** Why it does not run while connections break, if it cannot. */
  readonly fragile?: string;
}

const workers = 8;

/** Every driver, in the order of the table. */
export const drivers: readonly Driver[] = [
  { name: "node-postgres", language: "node", program: "pg.mjs", workers },
  {
    name: "postgres.js",
    language: "node",
    program: "postgres-js.mjs",
    workers,
    // An error that no caller can catch, seen here with 3.4.9.
    fragile: "ends the process (porsager/postgres#1208)",
  },
  { name: "prisma", language: "node", program: "prisma.mjs", workers },
  { name: "asyncpg", language: "python", program: "asyncpg_program.py", workers: 16 },
  { name: "sqlalchemy", language: "python", program: "sqlalchemy_program.py", workers },
  { name: "psycopg", language: "python", program: "psycopg_program.py", workers },
  { name: "psycopg2", language: "python", program: "psycopg2_program.py", prepares: false, workers },
  { name: "django", language: "python", program: "django_program.py", workers },
  { name: "pgjdbc", language: "java", program: "Pgjdbc", workers },
  { name: "pgx", language: "go", program: "", workers },
  { name: "sqlx", language: "rust", program: "", workers },
];
