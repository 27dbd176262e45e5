import { startTlsPostgres, type TlsFolder, tlsFolder } from "../support/tls-postgres";
import type { ThrowawayPostgres } from "../support/throwaway-postgres";
import { CloudStack, configOf } from "../support/cloud-stack";

const password = "the master user's";
let folder: TlsFolder;
let postgres: ThrowawayPostgres;
let stack: CloudStack;

beforeAll(async () => {
  folder = await tlsFolder();
  postgres = await startTlsPostgres(folder);
  for (const group of ["rds_superuser", "rds_iam", "rds_replication"])
    await postgres.sql("postgres", `CREATE ROLE ${group}`);
  await postgres.sql("postgres", `CREATE ROLE howdah_admin LOGIN CREATEROLE CREATEDB PASSWORD '${password}'`);
  stack = new CloudStack("cloud", configOf("staging"), { port: postgres.port, password, caFile: folder.caFile });
  await stack.start();
}, 300_000);

afterAll(async () => {
  stack.remove();
  await postgres.stop();
  await folder.remove();
});

jest.setTimeout(120_000);

test("up, then an empty preview", async () => {
  const before = Date.now();
  console.log(JSON.stringify(await stack.plan()).slice(0, 3000), Date.now() - before);
  console.log((await stack.up()).output.slice(-6000), Date.now() - before);
  console.log(JSON.stringify(await stack.plan()), Date.now() - before);
});
