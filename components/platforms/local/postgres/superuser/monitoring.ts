import type * as pulumi from "@pulumi/pulumi";
import { fillSql } from "../../../../../lib/sql/fill";
import { textFile } from "../../../../../lib/text/text-file";
import { monitoringLogin } from "../../../../postgres/access/matrix";
import { type Layout, socketsOf } from "../../layout";
import { Script } from "../../resources/postgres";

/** What the monitoring login may do in a database, beyond `pg_monitor`. */
export function monitoringScript(database: string): { apply: string; probe: string } {
  const values = { login: monitoringLogin };
  const script =
    database === "postgres"
      ? textFile(__dirname, "monitoring-server.sql")
      : textFile(__dirname, "monitoring-database.sql");
  return {
    apply: `\n${fillSql(script, { values })}\n`,
    probe: fillSql(textFile(__dirname, "monitoring-probe.sql"), { values }),
  };
}

/**
 * Lets the monitoring login enter `postgres`, and see errors in the configuration files there; in the other databases, the widths of
 * columns that ANALYZE has found, from which bloat is estimated, not the values, and how far sequences are.
 */
export const monitoringGrants = (
  name: string,
  { layout, databases }: { readonly layout: Layout; readonly databases: readonly string[] },
  options: pulumi.ComponentResourceOptions,
): Script[] =>
  ["postgres", ...databases].map(
    (database) =>
      new Script(
        `${name}-${database}`,
        { servers: socketsOf(layout), database, ...monitoringScript(database) },
        options,
      ),
  );
