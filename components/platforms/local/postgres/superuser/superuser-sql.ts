import { guestSettings, knownNewer, pinSettings } from "../../../../postgres/access/logins/login-settings";
import { scramVerifier } from "../../../../postgres/access/logins/scram";
import { fillSql } from "../../../../../lib/sql/fill";
import { textFile } from "../../../../../lib/text/text-file";
import { systemLogins } from "../patroni";

/** The role that `Access` logs in as. */
export interface AdministratorRole {
  readonly name: string;
  readonly connectionLimit: number;
}

/**
 * SQL that makes the role of `Access`: it may create roles and databases and is not a superuser; it may end the
 * sessions that stand in the way of DROP DATABASE. Its settings are its own: with the search path
 * that a database's owner sets it could run his operators. PUBLIC loses what it has on
 * the databases that initdb made; pg_rewind still connects to one, with a limit to its connections that Patroni does not set. The password goes in as its SCRAM verifier: the server logs DDL.
 */
export function administratorScript(
  { name, connectionLimit }: AdministratorRole,
  { password, salt }: { readonly password: string; readonly salt: string },
): { apply: string; probe: string } {
  const values = { login: name };
  const apply = fillSql(textFile(__dirname, "administrator.sql"), {
    values: { ...values, verifier: scramVerifier(password, salt) },
    parts: {
      name,
      limit: String(connectionLimit),
      settings: pinSettings(name, guestSettings).trimEnd(),
      rewind: systemLogins.rewind,
    },
  });
  // Of the ACLs, only what this script sets: other resources grant on the same databases.
  const probe = fillSql(textFile(__dirname, "administrator-probe.sql"), {
    values: { ...values, rewind: systemLogins.rewind },
    parts: { newer: knownNewer },
  });
  return { apply: `\n${apply}\n`, probe };
}
