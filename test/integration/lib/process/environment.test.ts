import { execFile } from "node:child_process";
import { promisify } from "node:util";
import fc from "fast-check";
import { isForeign, withoutForeign } from "../../../../lib/process/environment";
import { checkout } from "../../../../lib/paths";
import { startPostgres, type ThrowawayPostgres } from "../../../support/servers/postgres/throwaway-postgres";
import { typescript } from "../../../support/typescript";

/** Every variable of libpq, by the documentation of PostgreSQL 18, "Environment Variables". */
const documented = [
  "PGHOST PGSSLNEGOTIATION PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGPASSFILE PGREQUIREAUTH PGCHANNELBINDING PGSERVICE",
  "PGSERVICEFILE PGOPTIONS PGAPPNAME PGSSLMODE PGREQUIRESSL PGSSLCOMPRESSION PGSSLCERT PGSSLKEY PGSSLCERTMODE PGSSLROOTCERT",
  "PGSSLCRL PGSSLCRLDIR PGSSLSNI PGREQUIREPEER PGSSLMINPROTOCOLVERSION PGSSLMAXPROTOCOLVERSION PGGSSENCMODE PGKRBSRVNAME",
  "PGGSSLIB PGGSSDELEGATION PGCONNECT_TIMEOUT PGCLIENTENCODING PGTARGETSESSIONATTRS PGLOADBALANCEHOSTS PGMINPROTOCOLVERSION",
  "PGMAXPROTOCOLVERSION PGDATESTYLE PGTZ PGGEQO PGSYSCONFDIR PGLOCALEDIR",
].flatMap((line) => line.split(" "));

const others = ["PGDATA", "PG_COLOR", "PSQLRC", "PGBACKREST_REPO1_PATH", "PATRONI_NAME", "ETCD_NAME", "ETCDCTL_API"];

test.each([...documented, ...others])("%s is not for programs of ours", (name) => {
  expect(isForeign(name)).toBe(true);
});

test("everything else stays as it is", () => {
  const kept = [
    "PATH",
    "HOME",
    "AWS_REGION",
    "HOWDAH_STATE_ROOT",
    "PULUMI_CONFIG_PASSPHRASE",
    "XPGHOST",
    "pghost",
    "PGP_KEY",
  ];
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...kept), fc.string()),
      fc.dictionary(fc.constantFrom(...documented, ...others), fc.string()),
      (mine, foreign) => {
        expect(withoutForeign({ ...foreign, ...mine })).toEqual({ ...mine });
      },
    ),
  );
});

describe("a session of the host plugin", () => {
  let postgres: ThrowawayPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.stop());

  /** Asks the server as the plugin does, in a process of which the user's environment has `mine`. @param first what is loaded before */
  async function ask(first: string, mine: Readonly<Record<string, string>>): Promise<string> {
    const { socketDirectory, port } = postgres;
    const script = `${first}; require("./lib/sql/psql").psql(${JSON.stringify({ socketDirectory, port })},
      { database: "postgres", sql: "SELECT current_database() || current_setting('statement_timeout')" })
      .then((text) => console.log(text), (error) => console.log("failed: " + error.message));`;
    const env = { ...process.env, ...mine };
    const ran = await promisify(execFile)(process.execPath, [...typescript, "-e", script], { cwd: checkout, env });
    return ran.stdout.trim();
  }

  const hostile = { PGSERVICE: "nosuch", PGHOSTADDR: "192.0.2.1", PGSSLMODE: "verify-full", PGREQUIREPEER: "nobody" };
  const prepared = 'require("./providers/host/environment")';

  test("takes nothing of the user's settings", async () => {
    expect(await ask(prepared, hostile)).toBe(await ask(prepared, {}));
    expect(await ask(prepared, {})).toMatch(/^postgres/);
  }, 60_000);
});
