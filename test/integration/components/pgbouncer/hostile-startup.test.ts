import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { userlistFile } from "../../../../components/pgbouncer/files";
import { monitoringLogin } from "../../../../components/postgres/access/matrix";
import { scramVerifier } from "../../../../components/postgres/access/logins/scram";
import {
  type Render,
  renderFor,
  startPooler,
  type ThrowawayPooler,
} from "../../../support/servers/routing/throwaway-pooler";
import { type TlsFolder, tlsFolder } from "../../../support/servers/postgres/tls-postgres";
import { tlsTo } from "../../../support/servers/wire";

const shop = {
  alias: "shop",
  database: "shop",
  route: "readWrite",
  mode: "transaction",
  size: 1,
  overflow: 0,
  limit: 2,
} as const;

let folder: TlsFolder;
let pooler: ThrowawayPooler;

/** The monitoring login is in PgBouncer's own list of users, as in a stack. */
const render =
  (change: (ini: string) => string): Render =>
  (place) => {
    const files = renderFor([shop], 1)(place);
    const verifier = scramVerifier("monitoring-password", randomBytes(16).toString("base64"));
    return { ...files, ini: change(files.ini), userlist: (own) => userlistFile(own, { [monitoringLogin]: verifier }) };
  };

const start = (name: string, change: (ini: string) => string = (ini) => ini): Promise<ThrowawayPooler> =>
  startPooler(folder, { name, render: render(change), password: "pooler-password" });

beforeAll(async () => {
  folder = await tlsFolder();
  pooler = await start("pooler");
});

afterAll(async () => {
  await pooler.stop("SIGQUIT");
  await folder.remove();
});

/** StartupMessage of protocol 3.0. */
function startup(parameters: Readonly<Record<string, string>>): Buffer {
  const body = Buffer.from(`${Object.entries(parameters).flat().join("\0")}\0\0`);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.writeUInt32BE(3 << 16, 4);
  return Buffer.concat([head, body]);
}

/** First message that PgBouncer answers with: `R` asks for a password, `E` is an error; undefined if none came in three seconds. */
async function answerTo(port: number, parameters: Readonly<Record<string, string>>): Promise<string | undefined> {
  const socket = await tlsTo(port, "postgres", { ca: readFileSync(folder.caFile, "utf8") });
  socket.on("error", () => undefined);
  const answer = new Promise<string | undefined>((done) => {
    socket.once("data", (chunk: Buffer) => {
      done(chunk.toString("latin1"));
    });
    setTimeout(() => {
      done(undefined);
    }, 3000).unref();
  });
  socket.write(startup(parameters));
  const said = await answer;
  socket.destroy();
  return said;
}

describe("an option without a name, which PgBouncer up to 1.26.0 looks for without end (CVE-2026-107349)", () => {
  // Rejected, and not looked up: its server is not there.
  const hostile = { user: monitoringLogin, database: "shop", options: "-c =" };

  test("is passed over", async () => {
    expect(await answerTo(pooler.port, hostile)).toMatch(/^E.*login rejected/s);
    expect(await pooler.console("SHOW VERSION")).toHaveLength(1);
  });

  test("stops a PgBouncer whose list has no comma at its end: the control", async () => {
    const open = await start("open", (ini) => ini.replace("extra_float_digits,", "extra_float_digits"));
    const isFixed = /1\.(2[7-9]|26\.[1-9])/.test(open.log());
    expect((await answerTo(open.port, hostile)) === undefined).toBe(!isFixed);
    process.kill(open.pid, "SIGKILL");
    await open.stop("SIGQUIT");
  });
});

test("no login of PgBouncer's own list gets as far as a password for a database that is not there (CVE-2026-107350)", async () => {
  expect(await answerTo(pooler.port, { user: monitoringLogin, database: "none" })).toMatch(/^E.*login rejected/s);
  expect(await answerTo(pooler.port, { user: "howdah_pooler", database: "none" })).toMatch(/^E.*login rejected/s);
  // Control: for the console it is asked for its password.
  expect(await answerTo(pooler.port, { user: monitoringLogin, database: "pgbouncer" })).toMatch(/^R/);
});

test("options that PgBouncer cannot keep, and others, are refused with their name", async () => {
  const refused = await answerTo(pooler.port, { user: "web", database: "shop", options: "-c search_path=mine" });
  expect(refused).toMatch(/^E.*unsupported startup parameter in options: search_path/s);
});
