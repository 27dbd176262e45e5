import {
  parameterTable,
  type Unit,
} from "../../../../../../../components/platforms/aws/rds/parameters/parameter-table";
import { rdsParameters } from "../../../../../../../components/platforms/aws/rds/parameters/parameter-group";
import { serverParameters } from "../../../../../../../components/postgres/parameters/parameters";
import { startPostgres, type ThrowawayPostgres } from "../../../../../../support/servers/postgres/throwaway-postgres";

interface Setting {
  name: string;
  unit: string | null;
  context: string;
  vartype: string;
  setting: string;
}

/** What this server cannot start with: certificates are missing, and pgaudit may be. */
const unstartable = /^(ssl|archive_|shared_preload_libraries$|wal_compression$)/;

const parameters = serverParameters({
  version: 15,
  memoryBytes: 1024 ** 3,
  cpus: 2,
  storage: "ssd",
  workload: "oltp",
  maxConnections: 40,
  pooledConnections: 20,
  archiveTimeoutSeconds: 60,
  overrides: { shared_buffers: "32 MB" },
});

let server: ThrowawayPostgres;
let settings: ReadonlyMap<string, Setting>;

beforeAll(async () => {
  const options = Object.entries(parameters)
    .filter(([name]) => !unstartable.test(name))
    .map(([name, value]) => `${name}=${value}`);
  server = await startPostgres([...options, "shared_preload_libraries=pg_stat_statements"]);
  const rows = await server.sql<Setting>(
    "postgres",
    "SELECT lower(name) AS name, unit, context, vartype, setting FROM pg_settings",
  );
  settings = new Map(rows.map((row) => [row.name, row]));
});

afterAll(() => server.stop());

const serversOwn = Object.keys(parameterTable).filter((name) => !/^(cron|rds|pgaudit)\./.test(name));

function unitOf({ vartype, unit }: Setting): Unit {
  if (vartype === "bool") return "boolean";
  if (vartype === "string" || vartype === "enum") return "text";
  return (unit ?? "none") as Unit;
}

describe("compared with a real server, the table", () => {
  test("has every parameter in PostgreSQL's own unit", () => {
    const units = serversOwn.map((name) => [name, parameterTable[name]!.unit]);
    expect(units).toEqual(serversOwn.map((name) => [name, unitOf(settings.get(name)!)]));
  });

  test("calls static what needs a restart", () => {
    const statics = serversOwn.filter((name) => parameterTable[name]!.apply === "static");
    expect(statics).toEqual(serversOwn.filter((name) => settings.get(name)!.context === "postmaster"));
  });

  test("gives a group the very figures that the server makes of PostgreSQL's notation", () => {
    const group = rdsParameters({ engine: "postgres", parameters });
    const compared = group.filter(({ name }) => parameters[name] !== undefined && !unstartable.test(name));
    const switches: Record<string, string> = { on: "1", off: "0" };
    const figures = compared.map(({ name, value }) => [name, value.toLowerCase()]);
    const real = compared.map(({ name }) => {
      const { setting, vartype } = settings.get(name)!;
      return [name, vartype === "bool" ? switches[setting] : setting.toLowerCase()];
    });
    expect(compared.length).toBeGreaterThan(60);
    expect(figures).toEqual(real);
  });
});
