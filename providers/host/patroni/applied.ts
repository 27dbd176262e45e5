import { psql } from "../../../lib/sql/psql";
import { until } from "../../../lib/retry";
import type { Operation } from "./rolling-restart";

/** A server parameter of our own that names the configuration: a server that shows the wanted value has read all of it. */
export interface Mark {
  /** Folder of the servers' Unix sockets. */
  readonly socketDirectory: string;
  /** Name of the parameter, with its dot. */
  readonly parameter: string;
  readonly value: string;
}

interface Probe {
  readonly mark: string;
  /** True if the server has read a value that only a restart brings. */
  readonly pending: boolean;
}

/** Patroni takes no notice of the settings of recovery (patroni/postgresql/config.py, `reload_config`). */
const question = (parameter: string): string =>
  `SELECT pg_catalog.current_setting('${parameter}', true), EXISTS (
     SELECT FROM pg_catalog.pg_settings WHERE pending_restart AND name !~ '^(recovery_|hot_standby$)')`;

async function probe({ socketDirectory, parameter }: Mark, port: number): Promise<Probe | undefined> {
  const server = { socketDirectory, port };
  // One that starts or stops is asked again.
  const answer = await psql(server, { database: "postgres", sql: question(parameter) }).catch(() => undefined);
  if (answer === undefined) return undefined;
  const [mark = "", pending] = answer.split("|");
  return { mark, pending: pending === "t" };
}

/** Looks, each a fifth of a second after the one before, in which Patroni has long read what is new: two of its loops. */
const patient = 25;

/**
 * Waits until every server has the configuration, and until Patroni shows whatever of it waits for a restart: it looks a
 * second after the reload, and says so in its next loop. Rejects after five minutes, since a server may have to start first.
 */
export async function awaitTaken(operation: Operation, mark: Mark): Promise<void> {
  const { cluster } = operation;
  const noticed = async (name: string): Promise<boolean> =>
    (await cluster.view())?.some((member) => member.name === name && member.pending_restart === true) ?? false;
  for (const { name, port } of cluster.members) {
    let early = 0;
    const applied = async (): Promise<boolean> => {
      const seen = await probe(mark, port);
      if (seen === undefined) return false;
      if (seen.mark === mark.value && (!seen.pending || (await noticed(name)))) return true;
      // Patroni compares with a server that it can ask. What comes while it starts one is lost on it: it writes no file, or it
      // writes one that a later reload brings into force, and does not look what of it waits for a restart.
      if (++early % patient === 0) await cluster.reload(name).catch(() => undefined);
      return false;
    };
    const complaint = `${name} has not applied the new configuration after 5 minutes`;
    // Each look starts a psql.
    await until(applied, { complaint, timeout: 300_000, interval: 200, signal: operation.context.signal });
  }
}
