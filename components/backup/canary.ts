/**
 * Rows that prove a restore: each backup and each drill writes one, and a restored server must show it unaltered.
 * A schema of its own in database `postgres`, which every platform has.
 */
export const canaryTable = "howdah.canary";

/**
 * SQL, by a superuser, that may run again at any time.
 * @param login role that writes and reads canaries
 */
export const canaryScript = (login: string): string => `
CREATE SCHEMA IF NOT EXISTS howdah;
CREATE TABLE IF NOT EXISTS ${canaryTable} (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token text NOT NULL,
  written_for text NOT NULL,
  written_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
REVOKE ALL ON SCHEMA howdah FROM PUBLIC;
GRANT USAGE ON SCHEMA howdah TO ${login};
GRANT SELECT, INSERT, DELETE ON ${canaryTable} TO ${login};
`;

/** Canaries older than the longest retention prove nothing any more. */
export const canaryDays = 400;
