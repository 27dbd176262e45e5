import { settingMetric, settings as listed } from "../../../contracts/metrics/collector/settings";
import { defineSqlSet, epoch, isServices, type Query, queriesOf } from "../sql-set";

const xidQuery = queriesOf<"xid">();

export const xid = defineSqlSet({
  name: "xid",
  interval: 60,
  scope: "server",
  queries: () => [
    xidQuery({
      labels: { datname: "datname" },
      values: {
        pg_database_wraparound_age_datfrozenxid_seconds: "age(datfrozenxid)",
        pg_database_wraparound_age_datminmxid_seconds: "mxid_age(datminmxid)",
      },
      from: "pg_database",
    }),
    xidQuery({
      labels: {},
      // Unlike txid_current(), it takes no ID, and runs on a replica.
      values: { pg_txid_current: "pg_snapshot_xmax(pg_current_snapshot())::text" },
      from: "(SELECT) AS one",
    }),
    // A lazy VACUUM shows the xmin of its snapshot, but keeps no rows for it (PROC_IN_VACUUM).
    xidQuery({
      labels: { holder: "h.holder" },
      values: { howdah_xmin_horizon_age: "coalesce(h.age, 0)" },
      from: `(SELECT 'backend' AS holder, max(age(backend_xmin)) AS age FROM pg_stat_activity WHERE backend_type <> 'walsender' AND pid <> pg_backend_pid() AND pid NOT IN (SELECT pid FROM pg_stat_progress_vacuum)
        UNION ALL SELECT 'standby', max(age(backend_xmin)) FROM pg_stat_replication
        UNION ALL SELECT 'replication slot', max(greatest(age(xmin), age(catalog_xmin))) FROM pg_replication_slots
        UNION ALL SELECT 'prepared transaction', max(age(transaction)) FROM pg_prepared_xacts) AS h`,
    }),
  ],
});

const query = queriesOf<"settings">();

type Setting = keyof typeof listed;

/** Factors to bytes, or to seconds. */
const factors = `(VALUES ('B', 1), ('kB', 1024), ('8kB', 8192), ('16MB', 16777216), ('MB', 1048576), ('GB', 1073741824), ('ms', 0.001), ('s', 1), ('min', 60), ('h', 3600), ('d', 86400)) AS f (unit, factor)`;

/** A value of pg_settings in base units; 0 and negative values mean something special. */
const baseValue =
  "CASE WHEN s.vartype = 'bool' THEN CASE WHEN s.setting = 'on' THEN 1 ELSE 0 END WHEN s.setting::float8 > 0 THEN s.setting::float8 * coalesce(f.factor, 1) ELSE s.setting::float8 END";

/** One column for each setting; null for one that this version does not have. */
const allSettings = {
  labels: {},
  values: Object.fromEntries(
    (Object.keys(listed) as Setting[]).map((name) => [
      settingMetric(name),
      `max(${baseValue}) FILTER (WHERE replace(s.name, '.', '_') = '${name}')`,
    ]),
  ),
  from: `pg_settings s LEFT JOIN ${factors} ON f.unit = s.unit WHERE s.vartype IN ('bool', 'integer', 'real')`,
} satisfies Query;

export const settings = defineSqlSet({
  name: "settings",
  interval: 60,
  scope: "server",
  queries: () => [
    allSettings,
    query({
      labels: {},
      values: {
        howdah_settings_pending_restart: "count(*) FILTER (WHERE pending_restart)",
        // Without what belongs to this session, or to the moment.
        howdah_settings_fingerprint:
          "abs(hashtextextended(coalesce(string_agg(name || '=' || reset_val, ',' ORDER BY name COLLATE \"C\") FILTER (WHERE source IN ('configuration file', 'command line')), ''), 0) % 1000000007)",
      },
      from: "pg_settings",
    }),
    query({
      labels: { name: "name" },
      values: { howdah_setting_pending_restart: "1" },
      from: "pg_settings WHERE pending_restart",
    }),
  ],
});

const fileQuery = queriesOf<"configuration files">();

export const configurationFiles = defineSqlSet({
  name: "configuration files",
  interval: 60,
  scope: "server",
  queries: () => [
    fileQuery({
      labels: { file: "e.file" },
      values: { howdah_config_file_errors: "e.errors" },
      from: `(SELECT 'postgresql.conf' AS file, count(*) FILTER (WHERE error IS NOT NULL AND error <> 'setting could not be applied') AS errors FROM pg_show_all_file_settings()
        UNION ALL SELECT 'pg_hba.conf', count(*) FILTER (WHERE error IS NOT NULL) FROM pg_hba_file_rules()) AS e`,
    }),
  ],
});

const roleQuery = queriesOf<"roles">();

/**
 * A login's own timeout in seconds: a number of milliseconds, or a number with its unit; 0 if it has none, or writes it in another way
 * that PostgreSQL takes, such as `0x3E8`: each login sets its own, and must not make this fail.
 */
const timeout = (name: string): string =>
  `coalesce((SELECT ${epoch("(CASE WHEN o.option_value ~ '^[0-9]{1,10}$' THEN o.option_value || ' milliseconds' WHEN o.option_value ~ '^[0-9]{1,10} *(us|ms|s|min|h|d)$' THEN o.option_value END)::interval")} FROM pg_options_to_table(r.rolconfig) o WHERE o.option_name = '${name}'), 0)`;

export const roles = defineSqlSet({
  name: "roles",
  interval: 60,
  scope: "server",
  queries: () => [
    roleQuery({
      labels: { rolname: "r.rolname" },
      values: {
        pg_roles_connection_limit: "r.rolconnlimit",
        howdah_role_connections:
          "(SELECT count(*) FROM pg_stat_activity a WHERE a.usesysid = r.oid AND a.backend_type = 'client backend')",
        howdah_role_idle_in_transaction_timeout_seconds: timeout("idle_in_transaction_session_timeout"),
        howdah_role_statement_timeout_seconds: timeout("statement_timeout"),
      },
      from: "pg_roles r WHERE r.rolcanlogin",
    }),
    roleQuery({
      labels: {},
      values: {
        howdah_roles_without_limit: `count(*) FILTER (WHERE rolconnlimit < 0 AND NOT rolsuper AND NOT rolcreaterole AND NOT rolreplication AND NOT (${isServices("rolname")}))`,
        howdah_superusers: "count(*) FILTER (WHERE rolsuper)",
      },
      from: "pg_roles WHERE rolcanlogin",
    }),
  ],
});
