import { Client } from "pg";
import { canaryScript } from "../../../components/backup/canary";
import { takeEvidence } from "../../../ops/drill/evidence";
import { ordinalOf } from "../../../ops/pgbackrest/wal";
import { startPostgres, type ThrowawayPostgres } from "../../support/throwaway-postgres";

/** Whoever reads the table without being its owner waits for what has the lock. */
const gated = `CREATE TABLE gate AS SELECT 1 AS row;
ALTER TABLE gate ENABLE ROW LEVEL SECURITY;
CREATE POLICY waits ON gate USING (pg_advisory_xact_lock_shared(1) IS NOT NULL)`;

let postgres: ThrowawayPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
  await postgres.sql("postgres", canaryScript("postgres"));
  for (const database of ["first", "second"]) await postgres.sql("postgres", `CREATE DATABASE ${database}`);
  await postgres.sql("first", gated);
  await postgres.sql("second", "CREATE TABLE late (row int)");
});
afterAll(() => postgres.stop());

/** Ordinal of the segment that is written to. */
async function segment(): Promise<number> {
  const [row] = await postgres.sql<{ lsn: string }>("postgres", "SELECT pg_current_wal_insert_lsn()::text AS lsn");
  return ordinalOf(row!.lsn);
}

const isWaiting = async (): Promise<boolean> =>
  (await postgres.sql("first", "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")).length > 0;

test.each([true, false])(
  "a commit between the canary and a table's digest has to arrive, too; where WAL is switched (%s), it is handed over",
  async (switchWal) => {
    const gate = new Client({ host: postgres.host, port: postgres.port, user: postgres.superuser, database: "first" });
    await gate.connect();
    await gate.query("SELECT pg_advisory_lock(1)");
    const taking = takeEvidence(postgres, ["first", "second"], switchWal);
    while (!(await isWaiting()));
    await postgres.sql("postgres", "SELECT pg_switch_wal()");
    await postgres.sql("second", "INSERT INTO late VALUES (1)");
    const written = await segment();
    await gate.end();

    const { tables, digests, canary, end } = await taking;
    expect(tables.map(({ name }) => name)).toEqual(["howdah.canary", "public.gate", "public.late"]);
    expect(digests[2]).toMatch(/^[12] rows, /);
    expect(ordinalOf(canary.lsn)).toBeLessThan(written);
    expect(ordinalOf(end)).toBe(written);
    expect((await segment()) > written).toBe(switchWal);
  },
);
