import { host } from "../../../../../providers/host/host";
import { listenOn } from "../../../../support/servers/ports";
import { startPostgres, type ThrowawayPostgres } from "../../../../support/servers/postgres/throwaway-postgres";
import { startTlsPostgres, tlsFolder, type TlsFolder } from "../../../../support/servers/postgres/tls-postgres";
import { PluginStage } from "../../../../support/plugins/stage";

let folder: TlsFolder;
let postgres: ThrowawayPostgres;
let stage: PluginStage;

const password = "correct-horse-battery";

beforeAll(async () => {
  folder = await tlsFolder();
  postgres = await startTlsPostgres(folder);
  await postgres.sql("postgres", `CREATE ROLE master LOGIN CREATEROLE CREATEDB PASSWORD '${password}'`);
  await postgres.sql("postgres", "CREATE DATABASE shop OWNER master");
});
afterAll(async () => {
  await postgres.stop();
  await folder.remove();
});
beforeEach(() => {
  stage = new PluginStage(host);
});
afterEach(() => postgres.sql("shop", "DROP TABLE IF EXISTS public.made, public.log"));

const inputsOf = (news: Record<string, unknown> = {}) => ({
  host: "localhost",
  port: postgres.port,
  sslmode: "verify-full",
  caFile: folder.caFile,
  username: "master",
  password,
  database: "shop",
  apply: [
    { sql: "CREATE TABLE IF NOT EXISTS public.made (secret text)" },
    { sql: "INSERT INTO public.made VALUES ($1)", values: ["hidden-treasure"] },
    { sql: "DELETE FROM public.made WHERE ctid <> (SELECT max(ctid) FROM public.made)" },
  ],
  probe: "SELECT count(*)::text FROM public.made",
  revert: "DROP TABLE IF EXISTS public.made",
  ...news,
});
const create = (news: Record<string, unknown> = {}) => stage.create("AdministratorScript", inputsOf(news));
const isMade = async (): Promise<boolean> =>
  (await postgres.sql("shop", "SELECT to_regclass('public.made') AS made"))[0]?.["made"] !== null;
/** Its message, with everything that the error holds. */
const failure = async (work: Promise<unknown>): Promise<string> => {
  const error = (await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )) as Error;
  return `${error.message} ${JSON.stringify(error)} ${error.stack ?? ""}`;
};

test("it applies, sees an alteration as drift, applies again, and takes back", async () => {
  const made = await create();
  expect(made.id).toBe("shop/test");
  expect(await postgres.sql("shop", "SELECT secret FROM public.made")).toEqual([{ secret: "hidden-treasure" }]);
  expect(await stage.diff((await stage.refresh(made))!, inputsOf())).toEqual([]);

  await postgres.sql("shop", "DELETE FROM public.made");
  const altered = (await stage.refresh(made))!;
  expect(await stage.diff(altered, inputsOf())).toEqual([{ property: "actual", kind: "update", drift: true }]);
  const repaired = await stage.update(altered, inputsOf());
  expect(await stage.diff((await stage.refresh(repaired))!, inputsOf())).toEqual([]);

  await postgres.sql("shop", "DROP TABLE public.made");
  expect((await stage.refresh(repaired))?.state["actual"]).toBe("gone");

  await create();
  await stage.delete(repaired);
  expect(await isMade()).toBe(false);
});

test("a script that fails leaves nothing of itself", async () => {
  const apply = [{ sql: "CREATE TABLE public.made ()" }, { sql: "SELECT 1 / 0" }];
  await expect(create({ apply })).rejects.toThrow(
    `database shop at localhost:${postgres.port}: division by zero (22012)`,
  );
  expect(await isMade()).toBe(false);
});

test("changed SQL is applied again, another database replaces", async () => {
  const made = await create();
  const apply = [{ sql: "CREATE TABLE public.log ()" }];
  expect(await stage.diff(made, inputsOf({ apply }))).toEqual([{ property: "apply", kind: "update" }]);
  expect(await stage.diff(made, inputsOf({ database: "other" }))).toEqual([{ property: "database", kind: "replace" }]);
  await stage.update(made, inputsOf({ apply }));
  expect(await postgres.sql("shop", "SELECT FROM public.log")).toEqual([]);
});

test("a new password or authority is recorded and runs nothing, not even where the server is away", async () => {
  const made = await create();
  const news = inputsOf({ password: "another", caFile: "/nowhere/ca.crt" });
  const changed = (await stage.diff(made, news)).map(({ property }) => property);
  expect(changed.sort()).toEqual(["caFile", "password"]);
  const { state } = await stage.update(made, news);
  expect(state).toMatchObject({ password: "another", fingerprint: made.state["fingerprint"] });
});

test("behind another address it looks, and applies only where something is missing", async () => {
  const made = await create();
  const xid = "SELECT xmin::text FROM public.made";
  const before = await postgres.sql("shop", xid);
  await stage.update({ ...made, inputs: { ...made.inputs, port: 1 } }, inputsOf());
  expect(await postgres.sql("shop", xid)).toEqual(before);
  await postgres.sql("shop", "DROP TABLE public.made");
  await stage.update({ ...made, inputs: { ...made.inputs, port: 1 } }, inputsOf());
  expect(await isMade()).toBe(true);
});

describe("a refresh that cannot look", () => {
  test.each([
    ["the password is no longer the one recorded", () => ({ password: "old" }), "password authentication failed"],
    ["the server is not trusted", () => ({ caFile: folder.otherCaFile }), "unable to verify"],
  ])("because %s keeps what is recorded, and warns", async (_why, change, reason) => {
    const made = await create();
    const recorded = { ...made.state, ...change() };
    expect((await stage.refresh({ ...made, state: recorded }))?.state).toEqual(recorded);
    expect(stage.said.warnings.join()).toContain("not checked for drift");
    expect(stage.said.warnings.join()).toContain(reason);
  });
});

describe("a server is trusted", () => {
  test("by its authority and its name", async () => {
    await expect(create({ caFile: folder.otherCaFile })).rejects.toThrow(/signature|certificate/);
    // Linux takes this address for the loopback one, so the server answers.
    await expect(create({ host: "0.0.0.0" })).rejects.toThrow("0.0.0.0");
    await create();
  });

  test("by its authority alone where a tunnel stands between", async () => {
    await create({ host: "127.0.0.1", sslmode: "verify-ca" });
    await expect(create({ host: "127.0.0.1", sslmode: "verify-ca", caFile: folder.otherCaFile })).rejects.toThrow(
      /signature|certificate/,
    );
  });

  test("never without TLS", async () => {
    await expect(create({ sslmode: "disable" })).rejects.toThrow("sslmode");
    const plain = await startPostgres();
    try {
      await expect(create({ port: plain.port, username: plain.superuser })).rejects.toThrow("does not support SSL");
    } finally {
      await plain.stop();
    }
  });
});

describe("an error", () => {
  test("says where, and how the program gets there", async () => {
    const { server: tunnel, port } = await listenOn();
    tunnel.on("connection", (socket) => socket.destroy());
    const text = await failure(create({ port }));
    tunnel.close();
    expect(text).toContain(`database shop at localhost:${port} cannot be queried`);
    expect(text).toContain("howdah:aws.administration");
  });

  test("of a refused login gives no advice about the network", async () => {
    const text = await failure(create({ password: "wrong" }));
    expect(text).toContain('password authentication failed for user "master"');
    expect(text).not.toContain("howdah:aws.administration");
  });

  test("holds no password, no value and no statement", async () => {
    const texts = [
      await failure(create({ password: "wrong-and-secret" })),
      await failure(
        create({
          apply: [
            { sql: "CREATE TABLE public.made (secret text CHECK (length(secret) < 3))" },
            { sql: "INSERT INTO public.made VALUES ($1)", values: ["hidden-treasure"] },
          ],
        }),
      ),
    ];
    expect(texts[1]).toContain("violates check constraint");
    for (const text of texts) expect(text).not.toMatch(/wrong-and-secret|hidden-treasure|INSERT INTO/);
  });
});

test("what is to go is an error where the server is out of reach, and gone with its database", async () => {
  const made = await create();
  const wrong = { ...made, state: { ...made.state, password: "wrong" } };
  await expect(stage.delete(wrong)).rejects.toThrow("cannot be queried");
  await stage.delete({ ...made, state: { ...made.state, database: "never_made" } });
  expect(await isMade()).toBe(true);
});
