import {
  GetObjectCommand,
  type ListObjectsV2CommandOutput,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scheduledJobs } from "../../../components/kubernetes/jobs/plan";
import { backupPlan } from "../../../components/backup/plan";
import { aws } from "../../../components/platforms/aws/platform";
import { backupSchema } from "../../../components/backup/schema";
import type { Destination, RemoteStackFile } from "../../../contracts/stack-file";
import { waitFor } from "../../../lib/retry";
import type { CommandRun } from "../../support/command-run";
import { https } from "../../support/servers/https";
import { JobCommand } from "../../support/servers/backups/job-command";
import { type Moto, startMoto } from "../../support/servers/backups/moto";
import { commandLines } from "../../support/stack/processes";
import { type RemoteDatabase, startRemote } from "../../support/servers/backups/remote-job";

jest.setTimeout(240_000);

let remote: RemoteDatabase;
let moto: Moto;
let howdah: JobCommand;
let files: Record<"dump" | "maintenance", string>;
let bucket: string;
let store: Extract<Destination, { s3: object }>["s3"];
/** Files of the collector's certificate, and what Prometheus shows and trusts. */
let collector: { certificate: string; key: string };
let scraper: Record<"ca" | "cert" | "key", string>;

beforeAll(async () => {
  [remote, moto] = await Promise.all([startRemote(), startMoto()]);
  const { bucket: name, prefix, region, endpoint } = await moto.bucket("dumps");
  bucket = name;
  // Without a credentials file: as in a cluster, the SDK finds its own.
  store = { bucket, prefix, region, ...(endpoint === undefined ? {} : { endpoint }) };
  howdah = await JobCommand.make(remote.place, {
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "a-secret-word",
    AWS_REGION: region,
  });
  const job = (login: "dump" | "maintenance"): string => howdah.file(login, remote.job(login, { s3: store }));
  collector = await remote.folder.certificate("collector");
  const { certificate, key } = await remote.folder.certificate("scraper");
  const [ca = "", cert = "", secret = ""] = [remote.folder.caFile, certificate, key].map((file) =>
    readFileSync(file, "utf8"),
  );
  scraper = { ca, cert, key: secret };
  files = { dump: job("dump"), maintenance: job("maintenance") };
  await remote.as(
    "app_owner",
    `CREATE TABLE app.orders AS SELECT n, md5(n::text) AS text FROM generate_series(1, 20000) n;
     ALTER TABLE app.orders ADD PRIMARY KEY (n);
     CREATE POLICY mine ON app.orders TO web USING (true)`,
  );
  await remote.as("audit_owner", "CREATE TABLE audit.trail AS SELECT now() AS at", "audit");
});
afterAll(async () => {
  await moto.stop();
  await remote.stop();
});

/** Runs what a CronJob of the program runs. */
async function cronJob(name: string): Promise<CommandRun> {
  const plan = backupPlan(backupSchema.parse({}), aws.defaults);
  const found = scheduledJobs(plan).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no CronJob ${name}`);
  return howdah.run(["--job-file", files[found.job === "maintenance" ? "maintenance" : "dump"], ...found.args]);
}

const keys = async (): Promise<string[]> => {
  const { Contents = [] }: ListObjectsV2CommandOutput = await moto.client.send(
    new ListObjectsV2Command({ Bucket: bucket }),
  );
  return Contents.map(({ Key = "" }) => Key);
};
async function object(name: string): Promise<{ type: string | undefined; json: Record<string, unknown> }> {
  const { Body, ContentType } = await moto.client.send(
    new GetObjectCommand({ Bucket: bucket, Key: `team/db/${name}` }),
  );
  return { type: ContentType, json: JSON.parse((await Body?.transformToString()) ?? "") as Record<string, unknown> };
}
const latest = async () => (await object("drills/latest.json")).json;

/** What `serve-metrics` shows, and how it ended. */
async function scrape(
  job = remote.job("dump", { s3: store }),
): Promise<{ text: string; health: number; code: number | null }> {
  const { host, port: serverPort } = job.server;
  const scraping = { listen: "127.0.0.1:0", ...collector, authority: remote.folder.caFile };
  const servers = [{ name: "primary", host, port: serverPort }];
  const sets = ["backups", "backup runs", "drills"] as const;
  const monitoring = { scraping, servers, sets: [...sets], rpoSeconds: 0 };
  const child = howdah.start(["--job-file", howdah.file("collector", { ...job, monitoring }), "serve-metrics"]);
  const said = await new Promise<string>((resolve) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      if (chunk.toString().includes("metrics on port")) resolve(chunk.toString());
    });
  });
  const port = Number(/port (\d+)/.exec(said)?.[1]);
  const get = (path: string) => https(port, { path, ca: scraper.ca, cert: scraper.cert, key: scraper.key });
  const isComplete = async (): Promise<string | undefined> => {
    const { body } = await get("/metrics");
    return sets.every((set) => body.includes(`howdah_collector_up{set="${set}"}`)) ? body : undefined;
  };
  const text = (await waitFor(isComplete, { timeout: 30_000 })) ?? "";
  const health = (await get("/healthz")).status;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const [code] = (await ended) as [number | null];
  return { text, health, code };
}

test("before the first dump, a drill is a finding, and the metrics say so", async () => {
  const run = await cronJob("drill");
  expect(run.code).toBe(4);
  expect(run.json).toMatchObject({
    passed: false,
    cause: { check: "restore", reason: "there is no dump of app, audit" },
  });
  expect(await latest()).toMatchObject({ passed: false });
  expect(await latest()).not.toHaveProperty("lastVerifiedAt");
  expect((await scrape()).text).toContain("howdah_drill_success 0");
});

test("the dumps of the schedule are taken, and nothing stays in the work folder", async () => {
  const [dump, schema] = [await cronJob("dump"), await cronJob("dump-schema")];
  expect([dump.code, schema.code]).toEqual([0, 0]);
  expect(dump.json).toMatchObject({ backups: [{ database: "app" }, { database: "audit" }] });
  expect((await keys()).filter((key) => key.endsWith("-dump.dump.age"))).toHaveLength(2);
  expect((await keys()).filter((key) => key.endsWith("-schema.dump.age"))).toHaveLength(2);
  expect((await object("runs/app-logical.json")).json).toMatchObject({
    passed: true,
    database: "app",
    tier: "logical",
  });
  expect(readdirSync(join(remote.place, "work"))).toEqual([]);
});

test("the drill restores them with a key that is an earlier one by then, and its record is what the program reads", async () => {
  await remote.rotateKey();
  const run = await cronJob("drill");
  expect(run.stderr).not.toContain("a-secret-word");
  expect(run.json).toMatchObject({ passed: true });
  expect(run.code).toBe(0);
  const report = run.json as { checks: { name: string; detail: string }[]; rtoSeconds: number; size: number };
  expect(report.checks.map(({ name }) => name)).toEqual(["restore", "tables", "catalog", "amcheck"]);
  expect(report.checks[1]!.detail).toBe("2 tables");
  expect(report.rtoSeconds).toBeGreaterThan(0);
  expect(report.size).toBeGreaterThan(1_000_000);
  const { type, json } = await object("drills/latest.json");
  expect(type).toBe("application/json");
  expect(json).toMatchObject({
    passed: true,
    lastVerifiedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    measuredRtoSeconds: report.rtoSeconds,
    measuredRpoSeconds: expect.any(Number) as number,
  });
  expect((await keys()).filter((key) => /^team\/db\/drills\/\d{8}T\d{6}Z\.json$/.test(key))).toHaveLength(2);
  expect(readdirSync(join(remote.place, "work"))).toEqual([]);
});

test("the list shows dumps, and the drill, and nothing else of the store", async () => {
  const { json } = await howdah.run(["--job-file", files.dump, "backups"]);
  const list = json as { logical: unknown[]; unusable: unknown[]; physical: unknown[]; drill: { passed: boolean } };
  expect(list.logical).toHaveLength(4);
  expect([list.unusable, list.physical]).toEqual([[], []]);
  expect(list.drill.passed).toBe(true);
});

test("the metrics show age, size, duration and success by database and tier; SIGTERM ends the server well", async () => {
  const { text, health, code } = await scrape();
  expect({ health, code }).toEqual({ health: 200, code: 0 });
  for (const labels of [
    `{database="app",tier="logical",kind="dump"}`,
    `{database="audit",tier="schema",kind="schema"}`,
  ])
    for (const name of ["last_success_timestamp_seconds", "size_bytes", "duration_seconds", "run_success"])
      expect(text).toMatch(new RegExp(`^howdah_backup_${name}${labels.replaceAll(/[{}]/g, "\\$&")} [0-9.e+]+$`, "m"));
  for (const line of [
    /^howdah_backup_store_up 1$/m,
    /^howdah_drill_success 1$/m,
    /^howdah_drill_rto_seconds [0-9.]+$/m,
  ])
    expect(text).toMatch(line);
});

test("of a store that cannot be read, the metrics say that, and nothing of old", async () => {
  const job = remote.job("dump", {
    s3: { bucket: "none", prefix: "", region: "eu-central-1", endpoint: `http://127.0.0.1:${moto.port}` },
  });
  const { text, health } = await scrape(job);
  expect(text).toMatch(/^howdah_backup_store_up 0$/m);
  expect(text).not.toMatch(/howdah_backup_size|howdah_drill_success/);
  expect(health).toBe(200);
});

test("a dump that cannot be restored fails the drill, and what was shown before stands", async () => {
  const before = await latest();
  const damaged = (await keys()).filter((key) => /app-.*-dump\.dump\.age$/.test(key)).at(-1)!;
  const whole = await moto.client.send(new GetObjectCommand({ Bucket: bucket, Key: damaged }));
  const bytes = (await whole.Body?.transformToByteArray()) ?? new Uint8Array();
  const broken = Uint8Array.from(bytes);
  broken[broken.length - 5]! ^= 1;
  const put = (Body: Uint8Array) => moto.client.send(new PutObjectCommand({ Bucket: bucket, Key: damaged, Body }));
  await put(broken);
  const run = await cronJob("drill").finally(() => put(bytes));
  expect(run.code).toBe(4);
  expect(run.json).toMatchObject({
    cause: { check: "restore", reason: expect.stringContaining("is damaged") as string },
  });
  expect(await latest()).toMatchObject({ passed: false, lastVerifiedAt: before["lastVerifiedAt"] });
});

test("a dump that lacks a table fails the drill", async () => {
  const name = (await keys())
    .filter((key) => /audit-.*-dump\.json$/.test(key))
    .at(-1)!
    .slice("team/db/".length);
  const { json } = await object(name);
  const put = (manifest: object) =>
    moto.client.send(new PutObjectCommand({ Bucket: bucket, Key: `team/db/${name}`, Body: JSON.stringify(manifest) }));
  await put({ ...json, tables: 2 });
  const run = await cronJob("drill").finally(() => put(json));
  expect(run.json).toMatchObject({
    passed: false,
    cause: { check: "tables", reason: "audit has 1 table; there were 2 when the dump was taken" },
  });
});

test("a database that cannot be dumped keeps no other from it, and is in its record", async () => {
  await remote.postgres.sql("app", "CREATE TABLE app.taken (a int)");
  const run = await cronJob("dump").finally(() => remote.postgres.sql("app", "DROP TABLE app.taken"));
  expect(run.code).toBe(1);
  expect(run.json).toMatchObject({ error: expect.stringContaining("permission denied for table taken") as string });
  expect((await object("runs/app-logical.json")).json).toMatchObject({ passed: false });
  expect((await object("runs/audit-logical.json")).json).toMatchObject({ passed: true });
  expect((await scrape()).text).toContain('howdah_backup_run_success{database="app",tier="logical",kind="dump"} 0');
});

test("maintenance of the schedule runs as its login, and skips what belongs to another owner", async () => {
  await remote.as("app_owner", "UPDATE app.orders SET text = text");
  await remote.postgres.sql("app", "SELECT pg_stat_force_next_flush()").catch(() => undefined);
  const run = await cronJob("maintenance");
  expect(run.code).toBe(0);
  expect(run.json).toMatchObject({ complete: true });
  const { databases } = run.json as { databases: { tasks: { name: string; outcome: string }[] }[] };
  expect(databases[0]!.tasks).toEqual(
    expect.arrayContaining([expect.objectContaining({ name: "app.orders", outcome: "done" })]),
  );
  expect((await cronJob("maintenance-reindex")).code).toBe(0);
});

test("a dump is restored manually with the job file of the dumps, once its login is the administrator's", async () => {
  // As `up` leaves him: no superuser, and a member of the databases' owners.
  await remote.postgres.sql(
    "postgres",
    "CREATE ROLE administrator LOGIN CREATEDB CREATEROLE PASSWORD 'word' IN ROLE app_owner, audit_owner",
  );
  const passwordFile = join(remote.place, "administrator");
  writeFileSync(passwordFile, "word", { mode: 0o644 });
  const job = JSON.parse(readFileSync(files.dump, "utf8")) as RemoteStackFile;
  const file = howdah.file("by-hand", {
    ...job,
    server: { ...job.server, user: "administrator", auth: { passwordFile } },
  });
  const listed = (await howdah.run(["--job-file", file, "backups"])).json as {
    logical: { name: string; database: string; kind: string }[];
  };
  const { name } = listed.logical.find(({ database, kind }) => database === "app" && kind === "dump")!;
  const run = await howdah.run(["--job-file", file, "restore-dump", name, "--database", "again"]);
  expect(run.json).toMatchObject({ database: "again" });
  const [row] = await remote.postgres.sql(
    "again",
    `SELECT count(*)::int AS orders, (SELECT tableowner FROM pg_tables WHERE tablename = 'orders') AS owner,
      has_table_privilege('howdah_backup', 'app.orders', 'SELECT') AS granted FROM app.orders`,
  );
  expect(row).toEqual({ orders: 20_000, owner: "app_owner", granted: true });
});

test.each([
  [["restore", "--in-place", "--yes"], /is for local clusters/],
  [["backup", "full"], /gets its physical backups from its cloud/],
  [["backup"], /gets its physical backups from its cloud/],
  [["drill", "--quick"], /--quick only affects WAL/],
  [["backup", "logical", "--database", "none"], /no database "none"/],
])("%j is refused with the reason", async (words, reason) => {
  const run = await howdah.run(["--job-file", files.dump, ...words]);
  expect(run.code).toBe(3);
  expect((run.json as { error: string }).error).toMatch(reason);
});

test("a job file with a word too many is refused", async () => {
  const job = { ...remote.job(), more: 1 } as unknown as RemoteStackFile;
  const run = await howdah.run(["--job-file", howdah.file("wrong", job), "backups"]);
  expect(run.code).toBe(3);
  expect((run.json as { error: string }).error).toContain("more");
});

test("no process of ours stays", () => {
  expect(commandLines().filter((line) => line.includes(remote.place))).toEqual([]);
});
