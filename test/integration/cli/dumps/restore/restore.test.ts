import { createHash } from "node:crypto";
import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, escapeIdentifier } from "pg";
import { checkout } from "../../../../../lib/paths";
import { backUpLogically } from "../../../../../cli/dumps/take/backup";
import type { LogicalJob } from "../../../../../cli/dumps/job";
import { identitiesIn, withEarlier } from "../../../../../components/backup/age-identity";
import { socketLoginsScript } from "../../../../../components/backup/socket-logins";
import { listLogically } from "../../../../../cli/dumps/store/list";
import type { Creation, Manifest } from "../../../../../cli/dumps/store/manifest";
import { dataName, manifestName } from "../../../../../cli/dumps/store/names";
import { type LogicalRestore, restoreLogically } from "../../../../../cli/dumps/restore/restore";
import { alone, makeScratch } from "../../../../../cli/dumps/restore/target";
import { startBreakingProxy } from "../../../../support/servers/routing/breaking-proxy";
import { listening, type Logical, makeLogical } from "../../../../support/servers/backups/logical";
import { type Moto, startMoto } from "../../../../support/servers/backups/moto";
import { startPostgres, type ThrowawayPostgres } from "../../../../support/servers/postgres/throwaway-postgres";

let postgres: ThrowawayPostgres;
let moto: Moto;
let logical: Logical;
let dump: Manifest;
/** The objects of `dump` as they were written, by file. */
let pristine: Map<string, Buffer>;
beforeAll(async () => {
  [postgres, moto] = await Promise.all([startPostgres(), startMoto()]);
  logical = await makeLogical(postgres);
  await postgres.sql("postgres", "CREATE ROLE app_owner; CREATE ROLE reader; CREATE ROLE howdah_backup");
  await postgres.sql("postgres", socketLoginsScript([]));
  await postgres.sql("postgres", "CREATE DATABASE app OWNER app_owner");
  await postgres.sql(
    "app",
    `SET ROLE app_owner; CREATE TABLE orders AS SELECT n, md5(n::text) AS text FROM generate_series(1, 20000) n;
     GRANT SELECT ON orders TO reader`,
  );
  dump = await backUp();
  const files = [dataName(dump.name), manifestName(dump.name)].map((name) => join(logical.store, name));
  pristine = new Map(files.map((file) => [file, readFileSync(file)]));
}, 180_000);
// What one test leaves, damaged or half done, must not fail the next.
beforeEach(async () => {
  for (const [file, bytes] of pristine) writeFileSync(file, bytes);
  for (const database of await databases()) if (!["app", "postgres"].includes(database)) await drop(database);
  await postgres.sql("postgres", "ALTER ROLE reader_ RENAME TO reader").catch(() => undefined);
});
afterAll(async () => {
  logical.remove();
  await Promise.all([postgres.stop(), moto.stop()]);
});

const backUp = (kind: "dump" | "schema" = "dump", job: LogicalJob = logical.job): Promise<Manifest> => {
  const tier = kind === "dump" ? "logical" : "schema";
  return backUpLogically(job, { database: "app", kind, tier, server: postgres }, listening());
};
const restore = (parts: Partial<LogicalRestore> = {}, job: LogicalJob = logical.job): Promise<Manifest> =>
  restoreLogically(
    job,
    { name: dump.name, into: "copy", server: postgres, confined: confined(), ...parts },
    listening(),
  );
const confined = () => ({ folder: logical.folder, handOver: {} });
const databases = async (): Promise<string[]> => {
  const sql = "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1";
  return (await postgres.sql<{ datname: string }>("postgres", sql)).map(({ datname }) => datname);
};
const sum = "SELECT count(*)::int AS rows, sum(hashtext(orders::text))::text AS sum FROM orders";
const drop = (database: string): Promise<unknown> =>
  postgres.sql("postgres", `DROP DATABASE ${escapeIdentifier(database)} WITH (FORCE)`);

describe("a restore", () => {
  test("has every row of tables whose policies hide them from everybody, with the policies, masked views and audit log", async () => {
    await postgres.sql(
      "postgres",
      "CREATE ROLE guarded_owner; CREATE ROLE guarded_readonly; CREATE ROLE guarded_readwrite",
    );
    await postgres.sql("postgres", "CREATE DATABASE guarded OWNER guarded_owner");
    const helper = (name: string) => readFileSync(join(checkout, "components/postgres/helpers", name), "utf8");
    for (const name of ["tenants.sql", "masking.sql", "audit.sql"])
      await postgres.sql("guarded", `SET ROLE guarded_owner; ${helper(name)}`);
    await postgres.sql(
      "guarded",
      `SET ROLE guarded_owner; CREATE TABLE orders (tenant_id int, buyer text); COMMENT ON COLUMN orders.buyer IS 'pii:name';
       CALL audit_table('orders'); INSERT INTO orders SELECT n, 'buyer ' || n FROM generate_series(1, 100) n;
       CALL protect_tenants('orders'); CALL mask_table('orders', 'orders_masked')`,
    );
    // Control: they are hidden, from the owner as well.
    const asOwner = "SET ROLE guarded_owner; SELECT count(*)::int AS n FROM orders";
    expect(await postgres.sql("guarded", asOwner)).toEqual([{ n: 0 }]);
    const taken = await backUpLogically(
      logical.job,
      { database: "guarded", kind: "dump", tier: "logical", server: postgres },
      listening(),
    );
    await restore({ name: taken.name });
    const counts = `SELECT (SELECT count(*)::int FROM orders) AS orders, (SELECT count(*)::int FROM audit_log) AS log`;
    expect(await postgres.sql("copy", counts)).toEqual([{ orders: 100, log: 100 }]);
    expect(await postgres.sql("copy", asOwner)).toEqual([{ n: 0 }]);
    const tenant = "SELECT set_config('app.tenant', '7', true); SELECT * FROM orders_masked";
    expect(await postgres.sql("copy", `SET ROLE guarded_owner; BEGIN; ${tenant}`)).toEqual([
      { tenant_id: 7, buyer: "b***" },
    ]);
    await expect(postgres.sql("copy", "DELETE FROM audit_log")).rejects.toThrow("refused");
  });

  test("gives the same content, owner and privileges, in a database that no other login may enter", async () => {
    expect(await restore()).toEqual(dump);
    expect(await postgres.sql("copy", sum)).toEqual(await postgres.sql("app", sum));
    const owned =
      "SELECT tableowner, has_table_privilege('reader', 'orders', 'SELECT') AS reads FROM pg_tables WHERE tablename = 'orders'";
    expect(await postgres.sql("copy", owned)).toEqual([{ tableowner: "app_owner", reads: true }]);
    const made = `SELECT pg_get_userbyid(datdba) AS owner, datconnlimit AS limit, datcollate AS collate,
      has_database_privilege('reader', oid, 'CONNECT') AS enters FROM pg_database WHERE datname = 'copy'`;
    expect(await postgres.sql("postgres", made)).toEqual([
      { owner: "app_owner", limit: -1, collate: "C", enters: false },
    ]);
    expect(await postgres.sql("copy", "SELECT reltuples::int AS rows FROM pg_class WHERE relname = 'orders'")).toEqual([
      { rows: 20_000 },
    ]);
    expect(await databases()).toEqual(["app", "copy", "postgres"]);
  });

  test("of a schema gives tables without rows", async () => {
    const { name } = await backUp("schema");
    await restore({ name, into: 'odd "name"' });
    expect(await postgres.sql('odd "name"', "SELECT count(*)::int AS rows FROM orders")).toEqual([{ rows: 0 }]);
  });

  test.each([
    ["UTF8", "LATIN1"],
    ["UTF8", "SJIS"],
    ["UTF8", "SQL_ASCII"],
    ["SQL_ASCII", "SJIS"],
    ["LATIN1", "LATIN2"],
  ])("gives the same bytes of a database in %s, whose owner has %s set for every session", async (own, set) => {
    const locale = `TEMPLATE template0 ENCODING '${own}' LC_COLLATE 'C' LC_CTYPE 'C'`;
    await postgres.sql("postgres", `CREATE DATABASE texts OWNER app_owner ${locale}`);
    const hex = own === "UTF8" ? Buffer.from("\\ ~ é Жłó 日本 ～ € 😀").toString("hex") : "5c7ee9b3fd";
    await postgres.sql(
      "texts",
      `SET ROLE app_owner; CREATE TABLE words AS SELECT convert_from('\\x${hex}', '${own}') AS word;`,
    );
    await postgres.sql("postgres", `ALTER DATABASE texts SET client_encoding = '${set}'`);
    const asked = { database: "texts", kind: "dump", tier: "logical", server: postgres } as const;
    const { name } = await backUpLogically(logical.job, asked, listening());
    await restore({ name });
    const stored = `SELECT encode(convert_to(word, '${own}'), 'hex') AS hex FROM words`;
    expect(await postgres.sql("copy", stored)).toEqual([{ hex }]);
  });

  test("is opened by an earlier key, below the present one in the identity file", async () => {
    const present = readFileSync(await logical.identity("present"), "utf8");
    const earlier = readFileSync(logical.job.logical.identityFile!, "utf8");
    const identityFile = join(logical.folder, "both");
    writeFileSync(identityFile, withEarlier(present, identitiesIn(earlier)), { mode: 0o600 });
    await restore({ identityFile });
    expect(await postgres.sql("copy", sum)).toEqual(await postgres.sql("app", sum));
    // Dumps are encrypted to the present one.
    const { recipient } = await backUp("schema", { ...logical.job, logical: { ...logical.job.logical, identityFile } });
    expect(recipient).not.toBe(dump.recipient);
  });

  test("comes from a bucket, too", async () => {
    const job = {
      ...logical.job,
      logical: { ...logical.job.logical, destination: { s3: await moto.bucket("backups") } },
    };
    const { name } = await backUp("dump", job);
    await restore({ name }, job);
    expect(await postgres.sql("copy", sum)).toEqual(await postgres.sql("app", sum));
  });
});

test("a bucket whose connection stays broken gets no backup, and keeps nothing of it", async () => {
  const proxy = await startBreakingProxy(moto.port);
  const s3 = await moto.bucket("broken", proxy.port);
  const job = { ...logical.job, logical: { ...logical.job.logical, destination: { s3 } } };
  proxy.breakNext(Infinity, 100_000);
  await expect(backUp("dump", job)).rejects.toThrow(/^s3:\/\/broken\/team\/db: app-\S+ cannot be written: /);
  proxy.breakNext(0, 0);
  expect(proxy.broken).toBeGreaterThan(1);
  expect((await listLogically(job)).objects).toEqual([]);
  expect(await moto.unfinished("broken")).toEqual([]);
  const { name } = await backUp("dump", job);
  expect((await listLogically(job)).backups.map((one) => one.name)).toEqual([name]);
  await proxy.stop();
});

describe("a restore refuses, and leaves every database alone, where", () => {
  const flip = (file: string): void => {
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(file, bytes);
  };
  /** The damage, and a manifest that agrees with it: only the encryption can tell. */
  const agree = (data: string, manifest: string): void => {
    const bytes = readFileSync(data);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const told = JSON.parse(readFileSync(manifest, "utf8")) as Manifest;
    writeFileSync(manifest, JSON.stringify({ ...told, size: bytes.length, sha256 }));
  };
  const half = (data: string): void => {
    truncateSync(data, dump.size >> 1);
  };

  test.each<[string, (data: string, manifest: string) => void, RegExp]>([
    ["a bit of the data is another", flip, /dump\.age in .* is damaged: \d+ bytes, SHA-256 .*; it was/],
    ["half of the data is gone", half, /is damaged: \d+ bytes/],
    [
      "the data is gone",
      (data) => {
        rmSync(data);
      },
      /has no app-\S+\.dump\.age/,
    ],
    [
      "there is no manifest",
      (_data, manifest) => {
        rmSync(manifest);
      },
      /has no manifest: it is incomplete/,
    ],
    [
      "the manifest is broken",
      (_data, manifest) => {
        truncateSync(manifest, 20);
      },
      /its manifest cannot be read/,
    ],
    [
      "a bit is another, as its manifest says",
      (data, manifest) => {
        flip(data);
        agree(data, manifest);
      },
      /cannot be decrypted: invalid tag/,
    ],
    [
      "half is gone, as its manifest says",
      (data, manifest) => {
        half(data);
        agree(data, manifest);
      },
      /cannot be decrypted/,
    ],
  ])("%s", async (_title, damage, reason) => {
    const [data, manifest] = [...pristine.keys()];
    damage(data!, manifest!);
    await expect(restore()).rejects.toThrow(reason);
    expect(await databases()).toEqual(["app", "postgres"]);
  });

  test("the key is another's; the error names the one that is needed", async () => {
    await expect(restore({ identityFile: await logical.identity("other") })).rejects.toThrow(
      `wrong key: ${dump.name} is encrypted to ${dump.recipient}`,
    );
    const { destination } = logical.job.logical;
    await expect(restore({}, { ...logical.job, logical: { destination } })).rejects.toThrow("needs an identity file");
    expect(await databases()).toEqual(["app", "postgres"]);
  });

  test("the target exists; it is untouched", async () => {
    const before = await postgres.sql("app", sum);
    await expect(restore({ into: "app" })).rejects.toThrow(/^database app exists: restore into another name/);
    expect(await postgres.sql("app", sum)).toEqual(before);
  });

  test.each(["../app-20261125T160512Z-dump", "app", ""])("%p is no name of a backup", async (name) => {
    await expect(restore({ name })).rejects.toThrow("is not the name of a logical backup");
  });

  test("there is no such backup, or no such name for a database", async () => {
    await expect(restore({ name: "app-20001125T160512Z-dump" })).rejects.toThrow(/has no backup app-2000/);
    await expect(restore({ into: "é".repeat(32) })).rejects.toThrow("1 to 63 bytes");
  });

  test("a role is missing, which shows half-way, where the superuser restores", async () => {
    await postgres.sql("postgres", "ALTER ROLE reader RENAME TO reader_");
    const asked = { name: dump.name, into: "copy", server: postgres };
    await expect(restoreLogically(logical.job, asked, listening())).rejects.toThrow(
      /pg_restore failed \(1\)[^]*role "reader" does not exist/,
    );
    expect(await databases()).toEqual(["app", "postgres"]);
  });

  test("pg_restore is killed; the next one completes", async () => {
    const script = '[[ "$*" = *--dbname* ]] || exec "$real" "$@"\n"$real" "$@" &\nkill -9 $!; exit 137';
    const job = { ...logical.job, postgresBin: logical.programsWith("pg_restore", script) };
    await expect(restore({}, job)).rejects.toThrow("pg_restore failed (137)");
    expect(await databases()).toEqual(["app", "postgres"]);
    await restore();
  });

  test("it is interrupted", async () => {
    const interrupt = new AbortController();
    const heard = listening(interrupt.signal);
    const progress = (text: string): void => {
      if (text.endsWith("statistics")) interrupt.abort(new Error("Ctrl-C"));
    };
    const asked = { name: dump.name, into: "copy", server: postgres, confined: confined() };
    await expect(restoreLogically(logical.job, asked, { ...heard, progress })).rejects.toThrow("Ctrl-C");
    expect(await databases()).toEqual(["app", "postgres"]);
  });

  test("another one runs", async () => {
    await alone(postgres, async () => {
      await expect(restore()).rejects.toThrow("another logical restore is running");
    });
  });
});

/** What a restore has left that was killed. */
async function leaveScratch(owner: string): Promise<void> {
  const [creation] = await postgres.sql<Creation>(
    "app",
    `SELECT 'libc' AS provider, NULL AS locale, 'UTF8' AS encoding, datcollate AS collate, datctype AS ctype, 'app_owner' AS owner
     FROM pg_database WHERE datname = 'app'`,
  );
  await alone(postgres, (client) => makeScratch(client, creation!, { superuser: true, owner }));
  await postgres.sql("howdah_restore", "CREATE TABLE orders ()");
}

test("no login can enter what a killed restore has left, and the next one removes", async () => {
  await leaveScratch("reader");
  await postgres.sql("postgres", "ALTER ROLE reader LOGIN");
  const reader = new Client({ host: "127.0.0.1", port: postgres.port, user: "reader", database: "howdah_restore" });
  await expect(reader.connect()).rejects.toThrow("too many connections");
  await restore();
  expect(await databases()).toEqual(["app", "copy", "postgres"]);
});

describe("a database called howdah_restore that no restore has made", () => {
  const rows = () => postgres.sql("howdah_restore", "SELECT n FROM mine");

  test("is never dropped: the restore says so, and the data is still there", async () => {
    await postgres.sql("postgres", "CREATE DATABASE howdah_restore");
    await postgres.sql("howdah_restore", "CREATE TABLE mine AS SELECT 1 AS n");
    await postgres.sql("postgres", "COMMENT ON DATABASE howdah_restore IS 'howdah: my own'");
    await expect(restore()).rejects.toThrow("a database of that name exists that no restore has created");
    expect(await rows()).toEqual([{ n: 1 }]);
    expect(await databases()).toEqual(["app", "howdah_restore", "postgres"]);
  });

  test("is no restored one that was renamed: that carries the mark no more", async () => {
    await restore();
    await postgres.sql("postgres", "ALTER DATABASE copy RENAME TO howdah_restore");
    await expect(restore()).rejects.toThrow("that no restore has created");
    expect(await postgres.sql("howdah_restore", sum)).toEqual(await postgres.sql("app", sum));
  });

  test("cannot be asked for", async () => {
    await expect(restore({ into: "howdah_restore" })).rejects.toThrow("choose another name");
    expect(await databases()).toEqual(["app", "postgres"]);
  });
});
