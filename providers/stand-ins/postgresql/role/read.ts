import type { Session } from "../session/connections";
import type { RoleInputs } from "./inputs";
import { inSetOrder } from "../set-order";
import { unquoted } from "../../../../lib/sql/quote";
import { timeUnits, unitOf } from "../../../../lib/units";
import { textFile } from "../../../../lib/text/text-file";

/** What the catalogs say about a role. */
export type RoleFacts = Omit<RoleInputs, "password" | "encryptedPassword" | "skipDropRole" | "skipReassignOwned">;

interface Row extends Omit<RoleFacts, "searchPaths" | "statementTimeout" | "idleInTransactionSessionTimeout"> {
  readonly settings: string[];
  readonly sameValidity: boolean;
}

/** Milliseconds of a timeout as PostgreSQL keeps it: as it was typed. */
function milliseconds(text: string | undefined): number | undefined {
  const [, figure, unit = ""] = /^'?([\d.]+)\s*([a-z]*)'?$/.exec(text ?? "") ?? [];
  return figure === undefined ? undefined : Number(figure) * (unitOf(timeUnits, unit) ?? timeUnits.ms);
}

/** Names of a search path as it is kept: quoted if needed. */
function pathNames(text: string | undefined): string[] | undefined {
  return text?.split(", ").map(unquoted);
}

/** A role as the catalogs have it; undefined if there is none. `validUntil` is kept as given if it means the same. */
export async function readRole(session: Session, name: string, validUntil: string): Promise<RoleFacts | undefined> {
  const found = await session.row<Row>(textFile(__dirname, "role.sql"), [
    name,
    validUntil === "" ? "infinity" : validUntil,
  ]);
  if (found === undefined) return undefined;
  const { settings, sameValidity, ...facts } = found;
  const setting = (key: string) => settings.find((one) => one.startsWith(`${key}=`))?.slice(key.length + 1);
  return {
    ...facts,
    validUntil: sameValidity ? validUntil : facts.validUntil,
    roles: inSetOrder(facts.roles ?? []),
    searchPaths: pathNames(setting("search_path")),
    statementTimeout: milliseconds(setting("statement_timeout")),
    idleInTransactionSessionTimeout: milliseconds(setting("idle_in_transaction_session_timeout")),
    assumeRole: setting("role"),
  };
}
