import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Client } from "pg";
import type { Route, RouteTarget } from "../../contracts/read-routes";
import { messageOf } from "../../lib/errors";

/** How far a target is behind; undefined if that cannot be told. */
export interface Lag {
  readonly seconds: number | undefined;
  readonly bytes: number | undefined;
}

type Limits = Pick<Route, "maximumLagSeconds" | "maximumLagBytes">;

/** Why a target with this lag gets no reads; undefined if it does. What cannot be told is not a reason against it only if nothing limits it. */
export function lagProblem(
  { seconds, bytes }: Lag,
  { maximumLagSeconds, maximumLagBytes }: Limits,
): string | undefined {
  const over = (value: number | undefined, limit: number | undefined, unit: string): string | undefined => {
    if (limit === undefined) return undefined;
    if (value === undefined) return `its lag in ${unit} is unknown`;
    return value > limit ? `${Math.round(value)} ${unit} behind` : undefined;
  };
  return over(seconds, maximumLagSeconds, "seconds") ?? over(bytes, maximumLagBytes, "bytes");
}

const role = `SELECT pg_is_in_recovery() AS replica, to_regproc('pg_catalog.aurora_replica_status') IS NOT NULL AS shared`;

/**
 * Of a replica that streams: behind by the age of what it replayed last, and by nothing if it has replayed all that came. One that
 * does not stream may have replayed all that it got long ago: it is behind by the age alone.
 */
const streaming = `SELECT
    CASE WHEN r.status = 'streaming' AND pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
      ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END::float8 AS seconds,
    pg_wal_lsn_diff(r.latest_end_lsn, pg_last_wal_replay_lsn())::float8 AS bytes
  FROM (VALUES (1)) one LEFT JOIN pg_stat_wal_receiver r ON true`;

/** Aurora's readers share the writer's storage, and have none of the functions above. */
const shared = `SELECT replica_lag_in_msec / 1000.0 AS seconds, NULL::float8 AS bytes
  FROM aurora_replica_status() WHERE server_id = aurora_db_instance_identifier()`;

/** A look at a target every so often, by a session that is kept for a while. */
export class Probe {
  private client: Client | undefined;
  private connectedAt = 0;

  /** @param timeout milliseconds for a check, the connection included */
  constructor(
    private readonly route: Pick<Route, "ca" | "login" | "maximumLagSeconds" | "maximumLagBytes">,
    private readonly target: Pick<RouteTarget, "host" | "port">,
    private readonly timeout: number,
  ) {}

  /** Why the target gets no reads now; undefined if it does. Never rejects. */
  async problem(): Promise<string | undefined> {
    try {
      const client = await this.session();
      const [at] = (await client.query<{ replica: boolean; shared: boolean }>(role)).rows;
      if (at?.replica !== true) return "it is not a replica";
      const { rows } = await client.query<{ seconds: number | string | null; bytes: number | null }>(
        at.shared ? shared : streaming,
      );
      const number = (value: number | string | null | undefined): number | undefined =>
        value === null || value === undefined ? undefined : Number(value);
      return lagProblem({ seconds: number(rows[0]?.seconds), bytes: number(rows[0]?.bytes) }, this.route);
    } catch (error) {
      this.end();
      return messageOf(error);
    }
  }

  end(): void {
    const { client } = this;
    this.client = undefined;
    // A server that hangs does not say goodbye.
    client?.end().catch(() => undefined);
  }

  private async session(): Promise<Client> {
    if (this.client !== undefined && Date.now() - this.connectedAt < longestSession) return this.client;
    this.end();
    const { ca, login } = this.route;
    const client = new Client({
      host: this.target.host,
      port: this.target.port,
      user: login.user,
      database: login.database,
      password: (await readFile(login.passwordFile, "utf8")).replace(/\r?\n$/, ""),
      ssl: { ca: readFileSync(ca, "utf8"), rejectUnauthorized: true },
      options: "-c search_path=pg_catalog",
      application_name: "howdah route",
      connectionTimeoutMillis: this.timeout,
      query_timeout: this.timeout,
    });
    client.on("error", () => undefined);
    this.client = client;
    await client.connect();
    this.connectedAt = Date.now();
    return client;
  }
}

/** Milliseconds: a name may lead elsewhere by then, and a server that takes no new connections is not well. */
const longestSession = 30_000;
