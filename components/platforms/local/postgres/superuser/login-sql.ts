import { fillSql } from "../../../../../lib/sql/fill";
import { textFile } from "../../../../../lib/text/text-file";
import {
  knownNewer,
  madeGuestSettings,
  pinSettings,
  providedSettings,
} from "../../../../postgres/access/logins/login-settings";
import { monitoringLogin, poolerLogin } from "../../../../postgres/access/matrix";

/** Settings of a login that `Access` makes for all databases; the same in one database would be stronger. */
const managed = providedSettings;

/** howdah's own logins that connect to users' databases, and give no settings when they connect. */
const guests: readonly string[] = [poolerLogin, monitoringLogin];

/**
 * SQL of a superuser that brings logins back to what the program gave out, as far as the provider for SQL objects cannot see it: the
 * password's verifier, which only a superuser may read; managed settings in one database; the right to pass a membership on. The
 * house's own get settings that are stronger than those of the databases that they enter.
 * The probe is one text, with one hash for each login, and differs as soon as one of these is changed manually.
 *
 * @param verifiers SCRAM verifiers by login
 */
export function loginScript(verifiers: Readonly<Record<string, string>>): { apply: string; probe: string } {
  const logins = Object.keys(verifiers).sort();
  const pins = logins.filter((login) => guests.includes(login)).map((login) => pinSettings(login, madeGuestSettings));
  const apply = fillSql(textFile(__dirname, "logins.sql"), {
    values: { managed, verifiers: JSON.stringify(verifiers) },
  });
  const probe = fillSql(textFile(__dirname, "logins-probe.sql"), {
    values: { managed, logins, guests },
    parts: { newer: knownNewer },
  });
  return { apply: `\n${apply}\n${pins.join("")}`, probe };
}
