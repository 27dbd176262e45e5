import { fillSql } from "../../../../lib/sql/fill";
import { textFile } from "../../../../lib/text-file";

/** Settings of a login that `Access` makes for all databases; the same in one database would be stronger. */
const managed = ["search_path", "statement_timeout", "idle_in_transaction_session_timeout", "role"];

/**
 * SQL of a superuser that brings logins back to what the program gave out, as far as the provider for SQL objects cannot see it: the
 * password's verifier, which only a superuser may read; managed settings in one database; the right to pass a membership on.
 * The probe is one text, with one hash for each login, and differs as soon as one of these is changed by hand.
 *
 * @param verifiers SCRAM verifiers by login
 */
export function loginScript(verifiers: Readonly<Record<string, string>>): { apply: string; probe: string } {
  const logins = Object.keys(verifiers).sort();
  const apply = fillSql(textFile(__dirname, "logins.sql"), {
    values: { managed, verifiers: JSON.stringify(verifiers) },
  });
  const probe = fillSql(textFile(__dirname, "logins-probe.sql"), { values: { managed, logins } });
  return { apply: `\n${apply}\n`, probe };
}
