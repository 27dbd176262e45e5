import { sqlSets } from "../../../../cli/metrics/sets/sql";
import { waitFor } from "../../../../lib/retry";
import { collected, monitoringRole, samplesOf } from "../../../support/monitoring/collected";
import { type Replica, startReplica } from "../../../support/servers/postgres/replica";
import { startPostgres, type ThrowawayPostgres } from "../../../support/servers/postgres/throwaway-postgres";

const replicaHost = "127.0.0.2";

let primary: ThrowawayPostgres;
let replica: Replica;

beforeAll(async () => {
  primary = await startPostgres();
  await primary.sql("postgres", `CREATE ROLE ${monitoringRole} LOGIN CONNECTION LIMIT 3 IN ROLE pg_monitor`);
  await primary.sql("postgres", "CREATE DATABASE shop");
  replica = await startReplica(primary, replicaHost, []);
});

afterAll(async () => {
  await replica.remove();
  await primary.stop();
});

/** Whether a server receives WAL: one value for a replica. */
async function streaming(host: string): Promise<readonly number[]> {
  const { all } = await collected(
    { host, port: primary.port },
    sqlSets.filter(({ name }) => name === "wal receiver"),
  );
  return samplesOf(all, "howdah_wal_receiver_streaming").map(([, value]) => value);
}

test("a replica says whether it receives WAL, and a primary nothing of it", async () => {
  const becomes = (value: number) => {
    const look = async (): Promise<true | undefined> =>
      (await streaming(replicaHost))[0] === value ? true : undefined;
    return waitFor(look, { timeout: 10_000 });
  };
  expect(await streaming(primary.host)).toEqual([]);
  expect(await becomes(1)).toBe(true);
  await replica.sql("ALTER SYSTEM SET primary_conninfo = ''");
  await replica.sql("SELECT pg_reload_conf()");
  expect(await becomes(0)).toBe(true);
});
