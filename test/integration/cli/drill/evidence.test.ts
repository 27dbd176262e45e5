import { Client } from "pg";
import { canaryScript } from "../../../../components/backup/canary";
import { socketLoginsScript } from "../../../../components/backup/socket-logins";
import { checkSamples, takeEvidence } from "../../../../cli/drill/evidence";
import { digestTables } from "../../../../cli/drill/samples";
import { ordinalOf } from "../../../../cli/pgbackrest/wal";
import { waitFor } from "../../../../lib/retry";
import { startPostgres, type ThrowawayPostgres } from "../../../support/servers/postgres/throwaway-postgres";

let postgres: ThrowawayPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
  await postgres.sql("postgres", `CREATE ROLE howdah_backup; ${socketLoginsScript([])}`);
  await postgres.sql("postgres", canaryScript("postgres"));
  for (const database of ["first", "second"]) await postgres.sql("postgres", `CREATE DATABASE ${database}`);
  await postgres.sql("first", "CREATE TABLE gate AS SELECT 1 AS row; ANALYZE gate");
  await postgres.sql("second", "CREATE TABLE late (row int)");
});
afterAll(() => postgres.stop());

/** Ordinal of the segment that is written to. */
async function segment(): Promise<number> {
  const [row] = await postgres.sql<{ lsn: string }>("postgres", "SELECT pg_current_wal_insert_lsn()::text AS lsn");
  return ordinalOf(row!.lsn);
}

/** A session that holds a table, so that whoever reads it waits. */
async function holding(database: string, table: string): Promise<Client> {
  const client = new Client({ host: postgres.host, port: postgres.port, user: postgres.superuser, database });
  await client.connect();
  await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  return client;
}

const isWaiting = async (): Promise<boolean> =>
  (await postgres.sql("first", "SELECT FROM pg_locks WHERE locktype = 'relation' AND NOT granted")).length > 0;

test.each([true, false])(
  "a commit between the canary and a table's digest has to arrive, too; where WAL is switched (%s), it is handed over",
  async (switchWal) => {
    const gate = await holding("first", "gate");
    const taking = takeEvidence(postgres, ["first", "second"], switchWal);
    while (!(await isWaiting()));
    await postgres.sql("postgres", "SELECT pg_switch_wal()");
    await postgres.sql("second", "INSERT INTO late VALUES (1)");
    const written = await segment();
    await gate.end();

    const { tables, digests, canary, end } = await taking;
    expect(tables.map(({ name }) => name)).toEqual(["howdah.canary", "public.gate", "public.late"]);
    expect(digests[2]).toMatchObject({ rows: expect.any(Number) as number });
    expect(ordinalOf(canary.lsn)).toBeLessThan(written);
    expect(ordinalOf(end)).toBe(written);
    expect((await segment()) > written).toBe(switchWal);
  },
);

describe("samples", () => {
  /** Checks the evidence of a database against the same server as it is after `change`. */
  const after = async (change: string): Promise<string> => {
    const evidence = await takeEvidence(postgres, ["first"], false);
    const elsewhere = await startPostgres();
    try {
      await elsewhere.sql("postgres", `CREATE ROLE howdah_backup; CREATE ROLE tenant; ${socketLoginsScript([])}`);
      await elsewhere.sql("postgres", "CREATE DATABASE first");
      await elsewhere.sql("postgres", canaryScript("postgres"));
      await elsewhere.sql("first", `${await definition()}; ${change}`);
      const tables = evidence.tables.filter(({ database }) => database === "first");
      const digests = evidence.digests.filter((_, at) => evidence.tables[at]?.database === "first");
      return await checkSamples(elsewhere, { ...evidence, tables, digests });
    } finally {
      await elsewhere.stop();
    }
  };
  const guarded = `CREATE TABLE rows AS SELECT n, n || E'a\\nb\\\\' AS text FROM generate_series(1, 1000) n;
    ALTER TABLE rows ENABLE ROW LEVEL SECURITY; ALTER TABLE rows FORCE ROW LEVEL SECURITY`;
  const definition = () => Promise.resolve(`CREATE TABLE gate AS SELECT 1 AS row; ${guarded}`);
  beforeAll(() => postgres.sql("first", guarded));

  test("count rows that policies hide from everybody, and their line breaks as none", async () => {
    const { tables, digests } = await takeEvidence(postgres, ["first"], false);
    expect(digests[tables.findIndex(({ name }) => name === "public.rows")]).toMatchObject({ rows: 1000 });
    await expect(after("SELECT 1")).resolves.toBe("2 tables with the same rows, 0 written to or locked meanwhile");
  });

  test("tell a hidden row that is gone, or another", async () => {
    await expect(after("DELETE FROM rows WHERE n = 7")).rejects.toThrow(
      "first: public.rows has 999 rows instead of 1000",
    );
    await expect(after("UPDATE rows SET text = 'x' WHERE n = 1000")).rejects.toThrow(
      "first: public.rows has different values in its 1000 rows",
    );
  });

  test("do not call good what the login may not read", async () => {
    await postgres.sql("postgres", "REVOKE pg_read_all_data FROM howdah_reader");
    try {
      await expect(after("SELECT 1")).rejects.toThrow(/cannot be read: .*permission denied/);
    } finally {
      await postgres.sql("postgres", "GRANT pg_read_all_data TO howdah_reader");
    }
  });

  test("leave out a table whose size is unknown and that is locked, or is too large", async () => {
    await postgres.sql("second", "CREATE TABLE held (n int); CREATE TABLE large (text text)");
    await postgres.sql("second", "ALTER TABLE large ALTER text SET STORAGE PLAIN");
    await postgres.sql("second", "INSERT INTO large SELECT repeat('x', 7000) FROM generate_series(1, 9000)");
    const holder = await holding("second", "held");
    const { tables } = await takeEvidence(postgres, ["second"], false).finally(() => holder.end());
    expect(tables.map(({ name }) => name)).toEqual(["howdah.canary", "public.late"]);
  });

  test("leave out a table whose long values are too large, by what the catalog says of them or by a look", async () => {
    const long = (
      table: string,
    ) => `CREATE TABLE ${table} (text text); ALTER TABLE ${table} ALTER text SET STORAGE EXTERNAL;
      INSERT INTO ${table} SELECT repeat('x', 7000000) FROM generate_series(1, 10)`;
    await postgres.sql("postgres", "CREATE DATABASE third");
    await postgres.sql("third", "CREATE TABLE small AS SELECT 1 AS n");
    for (const table of ["looked_at", "vacuumed"]) await postgres.sql("third", long(table));
    await postgres.sql("third", "VACUUM ANALYZE vacuumed");
    const { tables } = await takeEvidence(postgres, ["third"], false);
    expect(tables.map(({ name }) => name)).toEqual(["howdah.canary", "public.small"]);
  });

  test("read no more of a table than the limit, and say what differs up to there", async () => {
    await postgres.sql("postgres", "CREATE DATABASE fourth");
    await postgres.sql("fourth", "CREATE TABLE rows AS SELECT n FROM generate_series(1, 1000000) n; ANALYZE rows");
    const [whole, other] = [
      { database: "fourth", name: "public.rows" },
      { database: "postgres", name: "howdah.canary" },
    ];
    const digests = () => digestTables(postgres, [whole, whole, other], 20_000);
    const before = await digests();
    expect(before).toMatchObject([{ rows: 4221 }, { rows: 4221 }, { rows: expect.any(Number) as number }]);
    await postgres.sql("fourth", "DELETE FROM rows WHERE n > 900000");
    expect(await digests()).toEqual(before);
    await postgres.sql("fourth", "DELETE FROM rows WHERE n = 4000");
    expect((await digests())[0]).not.toEqual(before[0]);
    // Nobody goes on reading for us.
    const reads = "SELECT FROM pg_stat_activity WHERE query LIKE 'COPY %' AND state = 'active'";
    const gone = async () => (await postgres.sql("postgres", reads)).length === 0 || undefined;
    expect(await waitFor(gone, { timeout: 10_000 })).toBe(true);
  });

  test("wait a little for a table that is locked, and say nothing of it", async () => {
    const holder = await holding("first", "gate");
    const { tables, digests } = await takeEvidence(postgres, ["first"], false).finally(() => holder.end());
    expect(digests[tables.findIndex(({ name }) => name === "public.gate")]).toBeUndefined();
  });
});
