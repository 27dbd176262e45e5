import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { RemoteStackFile } from "../../../../../contracts/stack-file";
import { backUpLogically } from "../../../../../cli/dumps/take/backup";
import { remoteServer } from "../../../../../cli/session/remote-login";
import type { CommandRun } from "../../../../support/command-run";
import { JobCommand } from "../../../../support/servers/backups/job-command";
import { listening, programsWith } from "../../../../support/servers/backups/logical";
import { type RemoteDatabase, startRemote } from "../../../../support/servers/backups/remote-job";
import { serverUser } from "../../../../support/servers/postgres/tls-postgres";

jest.setTimeout(120_000);

let remote: RemoteDatabase;
let howdah: JobCommand;
let job: RemoteStackFile;
let file: string;
let mark: string;

beforeAll(async () => {
  remote = await startRemote();
  // What a drill's pod has in its environment.
  howdah = await JobCommand.make(remote.place, { AWS_SECRET_ACCESS_KEY: "a-secret-word", PGAPPNAME: "outside" });
  job = { ...remote.job(), databases: ["app"] };
  file = howdah.file("job", job);
  const open = join(remote.place, "open");
  mkdirSync(open);
  chmodSync(open, 0o777);
  mark = join(open, "mark");
  await remote.postgres.sql("app", "CREATE EXTENSION citext SCHEMA app; CREATE EXTENSION postgres_fdw SCHEMA public");
  await remote.postgres.sql("app", "CREATE SCHEMA checks; CREATE EXTENSION amcheck SCHEMA checks");
  await remote.as(
    "app_owner",
    "CREATE TABLE app.orders (n int PRIMARY KEY, name app.citext); INSERT INTO app.orders SELECT n, n FROM generate_series(1, 20) n",
  );
});
beforeEach(async () => {
  await remote.as("app_owner", "DROP INDEX IF EXISTS app.trap; DROP FUNCTION IF EXISTS app.trap, app.act");
  rmSync(join(remote.place, "store"), { recursive: true, force: true });
  rmSync(mark, { force: true });
});
afterAll(() => remote.stop());

/** A drill of a fresh dump, with the name of that. */
async function drill(at = file): Promise<CommandRun & { readonly dump: string }> {
  const asked = { database: "app", kind: "dump", tier: "logical", server: remoteServer(job) } as const;
  const { name: dump } = await backUpLogically(job, asked, listening());
  execFileSync("chown", ["-R", serverUser, remote.place]);
  return { ...(await howdah.run(["--job-file", at, "drill"])), dump };
}

const report = ({ stdout }: CommandRun) => JSON.parse(stdout) as { passed: boolean; cause?: { reason: string } };

/** A function that an index calls, which acts where it is restored and nowhere else; by another one, as it has to look harmless. */
const trap = (body: string): string => `CREATE FUNCTION app.act() RETURNS void LANGUAGE plpgsql AS $trap$
  BEGIN IF current_database() <> 'app' OR current_setting('cluster_name') = 'howdah-restore' THEN ${body} END IF; END $trap$;
  CREATE FUNCTION app.trap(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN PERFORM app.act(); RETURN n; END';
  CREATE INDEX trap ON app.orders (app.trap(n))`;
const program = (): string => `EXECUTE 'COPY (SELECT 1) TO PROGRAM ''cat > ${mark}''';`;

test("what an owner has made comes back: extensions in his schemas, policies, defaults, views over rows that policies hide", async () => {
  await remote.as(
    "app_owner",
    `CREATE FUNCTION app.twice(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN 2 * n; END $$;
     CREATE INDEX twice ON app.orders (app.twice(n));
     CREATE TABLE app.guarded (n int DEFAULT app.twice(1) CHECK (app.twice(n) > 0));
     CREATE MATERIALIZED VIEW app.names AS SELECT name FROM app.orders;
     GRANT CREATE ON SCHEMA app TO howdah_backup`,
  );
  const run = await drill();
  expect(report(run)).toMatchObject({ passed: true });
  expect(run.code).toBe(0);
  const manifest = JSON.parse(readFileSync(join(remote.place, "store", `${run.dump}.json`), "utf8")) as object;
  expect(manifest).toMatchObject({
    extensions: [
      { name: "citext", schema: "app" },
      { name: "postgres_fdw", schema: "public" },
      { name: "amcheck", schema: "checks" },
    ],
  });
  await remote.as(
    "app_owner",
    "DROP TABLE app.guarded; DROP MATERIALIZED VIEW app.names; DROP FUNCTION app.twice CASCADE",
  );
});

test.each([
  ["runs a program", program, "to COPY to or from an external program"],
  ["reads a file", () => "PERFORM pg_read_file('/etc/passwd');", "permission denied for function pg_read_file"],
  ["makes itself a superuser", () => "EXECUTE 'ALTER ROLE howdah_restore SUPERUSER';", "superuser"],
])("a function that %s while it is restored fails the drill", async (_what, body, reason) => {
  await remote.as("app_owner", trap(body()));
  const run = await drill();
  expect(run.code).toBe(4);
  expect(report(run)).toMatchObject({
    passed: false,
    cause: { check: "restore", reason: expect.stringContaining(reason) as string },
  });
  expect(existsSync(mark)).toBe(false);
});

// What the same does in a superuser's session: `test/cli/superuser-traps.test.ts`.
test("one that hides its failure has done nothing, then or later", async () => {
  await remote.as("app_owner", trap(`BEGIN ${program()} EXCEPTION WHEN OTHERS THEN NULL; END;`));
  const run = await drill();
  expect(report(run)).toMatchObject({ passed: true });
  expect(existsSync(mark)).toBe(false);
});

test("functions of an owner's that look like those of pg_amcheck are not called", async () => {
  await remote.postgres.sql(
    "app",
    "ALTER SCHEMA checks OWNER TO app_owner; GRANT USAGE ON SCHEMA checks TO howdah_backup",
  );
  await remote.as(
    "app_owner",
    `CREATE FUNCTION checks.bt_index_check(index oid, heapallindexed boolean) RETURNS void LANGUAGE plpgsql AS
     $$ BEGIN ${program()} END $$`,
  );
  const run = await drill();
  expect(report(run)).toMatchObject({ passed: true });
  expect(existsSync(mark)).toBe(false);
  await remote.as("app_owner", "DROP FUNCTION checks.bt_index_check(oid, boolean)");
});

test("the throwaway server knows nothing of who we are in the cloud", async () => {
  const seen = join(remote.place, "open", "environment");
  const script = `env > ${seen}\nexec "$real" "$@"`;
  const programs = programsWith(job.postgresBin, { folder: remote.programs, name: "postgres", script });
  const run = await drill(howdah.file("watched", { ...job, postgresBin: programs }));
  expect(report(run)).toMatchObject({ passed: true });
  expect(readFileSync(seen, "utf8")).toMatch(/^PATH=/m);
  expect(readFileSync(seen, "utf8")).not.toMatch(/AWS_|^PG|a-secret-word/m);
});
