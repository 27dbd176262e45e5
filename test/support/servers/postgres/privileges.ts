import { literal } from "../../../../lib/sql/quote";
import {
  privilegeMatrix,
  roleOf,
  verbs,
  type Group,
  type ObjectKind,
  type Verb,
} from "../../../../components/postgres/access/matrix";
import { superuser, type TestStack } from "../../stack/stack";

/** A group, a kind of object and a verb. */
export type Cell = `${Group} ${ObjectKind} ${string}`;

type Statements = { readonly [Kind in ObjectKind]: Readonly<Record<Verb<Kind>, string>> };

/** Objects of the matrix in schema `app`, to be made by the owner; `cell_scratch` is a place in which everybody may create. */
export const makeObjects = `CREATE TABLE app.cell_table (id int PRIMARY KEY);
CREATE SEQUENCE app.cell_sequence; SELECT nextval('app.cell_sequence');
CREATE FUNCTION app.cell_function() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TYPE app.cell_type AS ENUM ('one');`;
export const dropObjects = `DROP TABLE app.cell_table; DROP SEQUENCE app.cell_sequence; DROP FUNCTION app.cell_function(); DROP TYPE app.cell_type;`;

/** A statement that needs the privilege and no other but, for most, the right to see the schema. */
const statements: Statements = {
  database: {
    // A login is tried apart: a session cannot connect again.
    CONNECT: "",
    CREATE: "CREATE SCHEMA cell_schema",
    TEMPORARY: "CREATE TEMPORARY TABLE cell_temporary (id int)",
  },
  schema: { CREATE: "CREATE TABLE app.cell_new (id int)", USAGE: "SELECT 'app.cell_table'::regclass" },
  table: {
    DELETE: "DELETE FROM app.cell_table",
    INSERT: "INSERT INTO app.cell_table VALUES (1)",
    REFERENCES: "CREATE TABLE cell_scratch.child (id int REFERENCES app.cell_table (id))",
    SELECT: "SELECT * FROM app.cell_table",
    TRIGGER:
      "CREATE TRIGGER cell BEFORE UPDATE ON app.cell_table FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    TRUNCATE: "TRUNCATE app.cell_table",
    UPDATE: "UPDATE app.cell_table SET id = 1",
  },
  sequence: {
    // By its number, so that it takes no right on the schema; from 17 on the answer is NULL without the privilege.
    SELECT: `DO $read$ BEGIN
  IF pg_sequence_last_value((SELECT oid FROM pg_class WHERE relname = 'cell_sequence')) IS NULL THEN
    RAISE insufficient_privilege;
  END IF;
END $read$`,
    UPDATE: "SELECT setval('app.cell_sequence', 2)",
    USAGE: "SELECT nextval('app.cell_sequence')",
  },
  function: { EXECUTE: "SELECT app.cell_function()" },
  type: { USAGE: "CREATE TABLE cell_scratch.typed (one app.cell_type)" },
  largeObject: { CREATE: "SELECT lo_from_bytea(0, 'one')" },
};

const groups = Object.keys(privilegeMatrix) as Group[];
const kinds = Object.keys(verbs) as ObjectKind[];

/** Every cell but the logins: who, what, and whether the matrix allows it. */
const cells = groups.flatMap((group) =>
  kinds.flatMap((kind) =>
    verbs[kind]
      .filter((verb) => verb !== "CONNECT")
      .map((verb) => ({
        group,
        cell: `${group} ${kind} ${verb}` as Cell,
        allowed: (privilegeMatrix[group][kind] as readonly string[]).includes(verb),
        statement: (statements[kind] as Readonly<Record<string, string>>)[verb] ?? "",
      })),
  ),
);

export const cellCount = cells.length;

// Each attempt is a subtransaction that is rolled back, and with it the role.
const attempt = `CREATE FUNCTION pg_temp.attempt(who text, statement text) RETURNS text LANGUAGE plpgsql AS $do$
BEGIN
  EXECUTE format('SET LOCAL ROLE %I', who);
  EXECUTE statement;
  RAISE 'undone' USING ERRCODE = 'HW000';
EXCEPTION
  WHEN SQLSTATE 'HW000' THEN RETURN 'allowed';
  WHEN insufficient_privilege THEN RETURN 'forbidden';
  WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM;
END $do$;`;

/** A role that is nothing but `public`. */
const nobody = "cell_nobody";

/**
 * Tries every cell of the matrix on the primary, as each role, in a transaction that is rolled back.
 * @param port of the primary
 * @param before SQL of a superuser that runs first in that transaction, for controls
 * @returns the cells whose outcome is not the matrix's, with the outcome
 */
export async function unexpectedCells(stack: TestStack, port: number, before = ""): Promise<Record<Cell, string>> {
  const roleFor = (group: Group): string => (group === "public" ? nobody : roleOf(group, "app"));
  const attempts = cells.map(
    ({ cell, group, statement }) =>
      `SELECT ${literal(cell)} || '|' || pg_temp.attempt(${literal(roleFor(group))}, ${literal(statement)});`,
  );
  const sql = `BEGIN; ${attempt}
CREATE ROLE ${nobody};
CREATE SCHEMA cell_scratch; GRANT ALL ON SCHEMA cell_scratch TO PUBLIC;
${before};
${attempts.join("\n")}
ROLLBACK;`;
  const output = await superuser(stack, { port, database: "app" }, sql);
  const outcomes = new Map(output.split("\n").map((line) => line.split("|") as [string, string]));
  const wrong = cells
    .map(({ cell, allowed }) => ({
      cell,
      outcome: outcomes.get(cell) ?? "not tried",
      expected: allowed ? "allowed" : "forbidden",
    }))
    .filter(({ outcome, expected }) => outcome !== expected);
  return Object.fromEntries(wrong.map(({ cell, outcome }) => [cell, outcome]));
}
