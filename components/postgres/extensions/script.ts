import { fillSql } from "../../../lib/sql/fill";
import { identifier } from "../../../lib/sql/quote";
import { textFile } from "../../../lib/text/text-file";
import type { SuperuserSql } from "../../ports";
import { entryOf } from "./catalogue";
import { extensionsSchema } from "./extensions";

/** What a script makes, and for whom. */
export interface ExtensionScriptInput {
  readonly extension: string;
  /** Schema that it ends up in. */
  readonly schema: string;
  /** The administrator of the server, who may create objects in howdah's schema. */
  readonly administrator: string;
  /** Group that owns the database. */
  readonly owner: string;
  /** Drop what uses the extension together with it. */
  readonly cascade: boolean;
}

const probe = (extension: string): string =>
  fillSql(
    `SELECT pg_catalog.concat_ws(' ', e.extname, n.nspname) FROM pg_catalog.pg_extension e
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = :'extension'`,
    { values: { extension } },
  );

/** SQL that creates an extension unless it is there. On a cloud, the session is that of a member of rds_superuser, who may set pgaudit.log, too. */
export function creation(extension: string, schema: string): string {
  const create = `CREATE EXTENSION IF NOT EXISTS ${identifier(extension)} SCHEMA ${identifier(schema)};\n`;
  return entryOf(extension)?.unaudited === true ? `SET pgaudit.log = 'none';\n${create}RESET pgaudit.log;\n` : create;
}

/**
 * SQL for an extension that only a superuser may make (on a cloud: its administrator). The script of the extension runs with those
 * rights, so it runs in a schema in which no other role may create anything; afterwards the objects move to their own schema.
 */
export function extensionScript(input: ExtensionScriptInput): Omit<SuperuserSql, "database"> {
  const { extension, schema, administrator, owner, cascade } = input;
  const entry = entryOf(extension);
  const first = entry?.place === "any" ? extensionsSchema : schema;
  const check = fillSql(textFile(__dirname, "check.sql"), { values: { extension, first, administrator } });
  const move = fillSql(textFile(__dirname, "move.sql"), { values: { extension, schema } });
  const grants = (entry?.owner ?? []).map((what) => `GRANT ${what} TO ${identifier(owner)};\n`);
  return {
    apply: [check, creation(extension, first), ...(entry?.place === "any" ? [move] : []), ...grants].join(""),
    probe: probe(extension),
    revert: `DROP EXTENSION IF EXISTS ${identifier(extension)} ${cascade ? "CASCADE" : "RESTRICT"}`,
  };
}
