import { knownNewer, madeGuestSettings, pinSettings, providedSettings } from "../../../postgres/access/login-settings";
import { monitoringLogin, poolerLogin } from "../../../postgres/access/matrix";

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Of the settings that `Access` gives a login for all databases; the same in one database would be stronger. */
const isManaged = `split_part(c.setting, '=', 1) IN (${providedSettings.map(literal).join(", ")})`;

/** Managed settings of role `r` in single databases. */
const overrides = `pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase,
      pg_catalog.unnest(s.setconfig) AS c (setting) WHERE s.setrole = r.oid AND ${isManaged}`;

/** Memberships of role `r` that it may pass on. */
const passable = "pg_catalog.pg_auth_members m WHERE m.member = r.oid AND m.admin_option";

/** The house's own, which enter databases of others and give no settings when they connect. */
const guests: readonly string[] = [poolerLogin, monitoringLogin];

/** Settings of role `r` that this script gives to a guest. */
const pinned = `CASE WHEN r.rolname IN (${guests.map(literal).join(", ")}) THEN (SELECT string_agg(c.setting, E'\\n' ORDER BY c.setting)
      FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) AS c (setting)
      WHERE s.setrole = r.oid AND s.setdatabase = 0 AND NOT ${isManaged}) END`;

/**
 * SQL of a superuser that brings logins back to what the program gave out, as far as the provider for SQL objects cannot see it: the
 * password's verifier, which only a superuser may read; managed settings in one database; the right to pass a membership on. The
 * house's own get settings that are stronger than those of the databases that they enter.
 * The probe is one text, with one hash for each login, and differs as soon as one of these is changed by hand.
 *
 * @param verifiers SCRAM verifiers by login
 */
export function loginScript(verifiers: Readonly<Record<string, string>>): { apply: string; probe: string } {
  const logins = Object.keys(verifiers).sort();
  const pins = logins.filter((login) => guests.includes(login)).map((login) => pinSettings(login, madeGuestSettings));
  const apply = `
DO $do$
DECLARE r record; found record;
BEGIN
  FOR r IN SELECT a.oid, a.rolname, a.rolpassword IS DISTINCT FROM w.value AS changed, w.value AS verifier
      FROM pg_catalog.json_each_text(${literal(JSON.stringify(verifiers))}) w JOIN pg_catalog.pg_authid a ON a.rolname = w.key LOOP
    IF r.changed THEN
      EXECUTE pg_catalog.format('ALTER ROLE %I PASSWORD %L', r.rolname, r.verifier);
    END IF;
    FOR found IN SELECT DISTINCT d.datname, split_part(c.setting, '=', 1) AS setting FROM ${overrides} LOOP
      EXECUTE pg_catalog.format('ALTER ROLE %I IN DATABASE %I RESET %I', r.rolname, found.datname, found.setting);
    END LOOP;
    FOR found IN SELECT m.roleid::pg_catalog.regrole AS held, m.grantor::pg_catalog.regrole AS grantor FROM ${passable} LOOP
      EXECUTE pg_catalog.format('REVOKE ADMIN OPTION FOR %s FROM %I GRANTED BY %s', found.held, r.rolname, found.grantor);
    END LOOP;
  END LOOP;
END
$do$;
${pins.join("")}`;
  const probe = `SELECT coalesce(string_agg(concat(r.rolname, ' ', substr(md5(concat_ws(E'\\n', r.rolpassword,
    (SELECT string_agg(concat(d.datname, ' ', c.setting), E'\\n' ORDER BY d.datname, c.setting) FROM ${overrides}),
    (SELECT string_agg(m.roleid::pg_catalog.regrole::text, E'\\n' ORDER BY m.roleid) FROM ${passable}), ${pinned}, ${knownNewer})), 1, 12)), ', ' ORDER BY r.rolname), '')
FROM pg_catalog.pg_authid r WHERE r.rolname = ANY (ARRAY[${logins.map(literal).join(", ")}]::name[])`;
  return { apply, probe };
}
