import type { PoolerSettings } from "../../pgbouncer/schema";
import { type Rule, toMilliseconds } from "../../../lib/values";
import { timeMilliseconds } from "../../../lib/units";
import type { PostgresSection } from "../schema";

interface Sections {
  readonly postgres: Pick<PostgresSection, "parameters" | "replicas">;
  readonly pooler: PoolerSettings;
}

const override = ({ postgres }: Sections, name: string): string => String(postgres.parameters[name] ?? "");

/** Milliseconds that PgBouncer may keep a server connection without a query: what its minimum holds stays for the whole lifetime. */
const longestIdle = ({ pooler }: Sections): number =>
  Number(pooler.parameters["min_pool_size"] ?? 0) > 0
    ? Math.max(toMilliseconds(pooler.serverIdle), toMilliseconds(pooler.serverLifetime))
    : toMilliseconds(pooler.serverIdle);

/** Overrides that are valid alone, but not with the rest of the settings. */
export const parameterRules: readonly Rule<Sections>[] = [
  {
    path: () => ["postgres", "parameters", "default_transaction_isolation"],
    holds: (sections) =>
      sections.postgres.replicas === 0 || override(sections, "default_transaction_isolation") !== "serializable",
    message: () =>
      'found "serializable", but PostgreSQL rejects serializable transactions on replicas: clients could not read there, and Patroni could not promote one; allowed: "read committed" and "repeatable read", or no replica (howdah:postgres.replicas); set it for a login or in a transaction instead',
  },
  {
    path: () => ["postgres", "parameters", "idle_session_timeout"],
    holds: (sections) => {
      const timeout = timeMilliseconds(override(sections, "idle_session_timeout"));
      return timeout === undefined || timeout === 0 || timeout > longestIdle(sections);
    },
    message: (sections) =>
      `found "${override(sections, "idle_session_timeout")}": PgBouncer keeps an idle connection for up to ${longestIdle(sections) / 1000} s, so a client could get a connection that the server has just closed, and see an error; allowed: 0, or a longer time; or shorten howdah:pooler.serverIdle`,
  },
];
