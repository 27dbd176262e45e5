CREATE SCHEMA IF NOT EXISTS howdah;
CREATE TABLE IF NOT EXISTS :table (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token text NOT NULL,
  written_for text NOT NULL,
  written_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
REVOKE ALL ON SCHEMA howdah FROM PUBLIC;
GRANT USAGE ON SCHEMA howdah TO :login;
GRANT SELECT, INSERT, DELETE ON :table TO :login;
