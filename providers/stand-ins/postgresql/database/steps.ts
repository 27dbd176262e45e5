import type { Context } from "../../../runtime/resource";
import type { Connections, Session } from "../session/connections";
import type { DatabaseInputs, DatabaseState } from "./inputs";
import { codeOf } from "../session/errors";
import { asMemberOf } from "../session/membership";
import { identifier, literal } from "../../../../lib/sql/quote";

const DUPLICATE_DATABASE = "42P04";

/** What the catalogs say about a database. */
export async function readDatabase(session: Session, inputs: DatabaseInputs): Promise<DatabaseState | undefined> {
  const found = await session.row<Omit<DatabaseState, "template" | "alterObjectOwnership">>(
    `SELECT datname AS "name", pg_get_userbyid(datdba) AS "owner", pg_encoding_to_char(encoding) AS "encoding",
       datcollate AS "lcCollate", datctype AS "lcCtype", datconnlimit AS "connectionLimit",
       datallowconn AS "allowConnections", datistemplate AS "isTemplate", spcname AS "tablespaceName"
     FROM pg_database JOIN pg_tablespace ON pg_tablespace.oid = dattablespace WHERE datname = $1`,
    [inputs.name],
  );
  // From which template a database was made is written nowhere.
  return found && { ...inputs, ...found, template: inputs.template ?? "template0" };
}

function creation(want: DatabaseInputs): string {
  const parts = [
    `CREATE DATABASE ${identifier(want.name)}`,
    `TEMPLATE ${identifier(want.template ?? "template0")}`,
    `ENCODING ${literal(want.encoding ?? "UTF8")}`,
    ...(want.lcCollate === undefined ? [] : [`LC_COLLATE ${literal(want.lcCollate)}`]),
    ...(want.lcCtype === undefined ? [] : [`LC_CTYPE ${literal(want.lcCtype)}`]),
  ];
  return parts.join(" ");
}

/** Refuses a database that already exists and differs in what cannot be altered. */
function refuseOther(found: DatabaseState, want: DatabaseInputs): void {
  const plain = (text: string | undefined) => text?.toUpperCase().replaceAll("-", "");
  const fixed = ["encoding", "lcCollate", "lcCtype"] as const;
  const wrong = fixed.filter((key) => want[key] !== undefined && plain(want[key]) !== plain(found[key]));
  if (wrong.length === 0) return;
  const list = wrong.map((key) => `${key} ${found[key] ?? ""} and not ${want[key] ?? ""}`).join(", ");
  throw new Error(`exists already, with ${list}: that cannot be altered`);
}

/**
 * CREATE DATABASE as the administrator's own; its owner comes after, in a transaction. (The official plugin makes itself a
 * member of the owner outside of one, and a killed run leaves that membership behind.)
 */
export async function ensureDatabase(server: Connections, want: DatabaseInputs, context: Context): Promise<void> {
  const doing = `create database ${identifier(want.name)}`;
  await server.session({ context, doing }, async (session) => {
    const found = await readDatabase(session, want);
    if (found !== undefined) {
      refuseOther(found, want);
      context.warn(`database ${identifier(want.name)} existed already and is managed from now on`);
      return;
    }
    try {
      await session.run(creation(want));
    } catch (error) {
      if (codeOf(error) !== DUPLICATE_DATABASE) throw error;
    }
  });
}

/** Options of ALTER DATABASE that differ. */
function options(has: DatabaseState, want: DatabaseInputs): string[] {
  return [
    ...(has.allowConnections === want.allowConnections ? [] : [`ALLOW_CONNECTIONS ${String(want.allowConnections)}`]),
    ...(has.connectionLimit === want.connectionLimit ? [] : [`CONNECTION LIMIT ${want.connectionLimit}`]),
    ...(want.isTemplate === undefined || has.isTemplate === want.isTemplate
      ? []
      : [`IS_TEMPLATE ${String(want.isTemplate)}`]),
  ];
}

/** Brings owner and options of a database to what is wanted, in the transaction of `session`. */
export async function alterDatabase(session: Session, want: DatabaseInputs): Promise<DatabaseState> {
  const has = await readDatabase(session, want);
  if (has === undefined) throw new Error("is gone; run a refresh");
  const owner = want.owner ?? has.owner;
  const name = identifier(want.name);
  await asMemberOf(session, [has.owner, owner], async () => {
    const changed = options(has, want);
    if (changed.length > 0) await session.run(`ALTER DATABASE ${name} ${changed.join(" ")}`);
    if (owner !== has.owner) await session.run(`ALTER DATABASE ${name} OWNER TO ${identifier(owner)}`);
  });
  return (await readDatabase(session, want)) ?? has;
}
