import { defineSqlSet, epoch, flag, queriesOf } from "../sql-set";

const query = queriesOf<"availability">();

export const availability = defineSqlSet({
  name: "availability",
  interval: 10,
  scope: "server",
  failed: (server) => ({ pg_up: [[{ server }, 0]] }),
  queries: () => [
    query({
      labels: {},
      values: {
        pg_up: "1",
        pg_postmaster_start_time_seconds: epoch("pg_postmaster_start_time()"),
        pg_replication_is_replica: flag("pg_is_in_recovery()"),
        howdah_configuration_loaded_timestamp_seconds: epoch("pg_conf_load_time()"),
      },
      from: "(SELECT) AS one",
    }),
    query({
      labels: { version: "version()", short_version: "current_setting('server_version')" },
      values: { pg_static: "1" },
      from: "(SELECT) AS one",
    }),
  ],
});
