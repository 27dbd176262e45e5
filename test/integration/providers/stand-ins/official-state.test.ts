import { ResourceProviderService as calls } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import fc from "fast-check";
import { postgresqlPlugin } from "../../../../providers/stand-ins/postgresql/plugin";
import { randomPlugin } from "../../../../providers/stand-ins/random/plugin";
import type { Properties } from "../../../../providers/runtime/resource";
import { fromStruct, toStruct } from "../../../../providers/runtime/struct";
import type { ThrowawayPostgres } from "../../../support/servers/postgres/throwaway-postgres";
import { Conversation } from "../../../support/plugins/client";
import { type OfficialState, officialStates } from "../../../support/plugins/official-states";
import { ADMINISTRATOR, asAdministrator, startWithAdministrator } from "../../../support/plugins/postgresql-stage";

let postgres: ThrowawayPostgres;
let talks: Record<OfficialState["plugin"], Conversation>;

beforeAll(async () => {
  postgres = await startWithAdministrator();
  const plugin = postgresqlPlugin();
  talks = { postgresql: await Conversation.start(plugin), random: await Conversation.start(randomPlugin) };
  const config = {
    host: postgres.host, port: String(postgres.port), username: ADMINISTRATOR, sslmode: "disable", superuser: "false",
  }; // prettier-ignore
  await talks.postgresql.ask(calls.configure, new proto.ConfigureRequest().setArgs(toStruct(config)));
});
afterAll(async () => {
  await talks.postgresql.stop();
  await talks.random.stop();
  await postgres.stop();
});

/** The world that the recorded states describe, made without the plugin. */
async function makeWorld(): Promise<void> {
  await postgres.sql("postgres", "DROP DATABASE IF EXISTS shop WITH (FORCE)");
  await postgres.sql("postgres", "DROP ROLE IF EXISTS clerk; DROP ROLE IF EXISTS staff");
  await asAdministrator(
    postgres,
    `CREATE ROLE staff; GRANT staff TO CURRENT_USER; CREATE ROLE clerk LOGIN PASSWORD 'SCRAM-SHA-256$4096:c2FsdA==$a2V5:a2V5' IN ROLE staff;
     ALTER ROLE clerk SET search_path = app; ALTER ROLE clerk SET statement_timeout = 300000;
     ALTER ROLE clerk SET idle_in_transaction_session_timeout = 60000`,
  );
  await postgres.sql("postgres", "CREATE DATABASE shop OWNER staff TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'");
  await postgres.sql("postgres", "REVOKE ALL ON DATABASE shop FROM PUBLIC");
  await postgres.sql(
    "shop",
    `CREATE SCHEMA app AUTHORIZATION staff; ALTER DEFAULT PRIVILEGES FOR ROLE staff REVOKE ALL ON FUNCTIONS FROM PUBLIC;
     SET ROLE staff; CREATE EXTENSION pgcrypto SCHEMA public VERSION '1.3'`,
  );
}
beforeEach(makeWorld);

const urn = ({ plugin, type }: OfficialState) => `urn:pulumi:s::p::${plugin}:index/${type}::name`;

async function check(of: OfficialState, news: Properties): Promise<Properties> {
  const given = Object.fromEntries(Object.entries(news).filter(([key]) => key !== "__defaults"));
  const answer = await talks[of.plugin].ask(
    calls.check,
    new proto.CheckRequest().setUrn(urn(of)).setOlds(toStruct(of.inputs)).setNews(toStruct(given)),
  );
  expect(answer.getFailuresList().map((one) => one.toObject())).toEqual([]);
  return fromStruct(answer.getInputs());
}

/** Names of the changes that a plugin sees between what is recorded and the inputs. */
async function changes(of: OfficialState, news: Properties): Promise<string[]> {
  const request = new proto.DiffRequest().setUrn(urn(of)).setId(of.id).setOldInputs(toStruct(of.inputs));
  const answer = await talks[of.plugin].ask(calls.diff, request.setOlds(toStruct(of.outputs)).setNews(toStruct(news)));
  return answer.getDiffsList();
}

async function read(of: OfficialState): Promise<{ id: string; outputs: Properties; inputs: Properties }> {
  const request = new proto.ReadRequest().setUrn(urn(of)).setId(of.id).setInputs(toStruct(of.inputs));
  const answer = await talks[of.plugin].ask(calls.read, request.setProperties(toStruct(of.outputs)));
  return { id: answer.getId(), outputs: fromStruct(answer.getProperties()), inputs: fromStruct(answer.getInputs()) };
}

async function update(of: OfficialState, news: Properties): Promise<Properties> {
  const request = new proto.UpdateRequest().setUrn(urn(of)).setId(of.id).setOldInputs(toStruct(of.inputs));
  const answer = await talks[of.plugin].ask(
    calls.update,
    request.setOlds(toStruct(of.outputs)).setNews(toStruct(news)),
  );
  return fromStruct(answer.getProperties());
}

const remove = (of: OfficialState) =>
  talks[of.plugin].ask(
    calls.delete,
    new proto.DeleteRequest()
      .setUrn(urn(of))
      .setId(of.id)
      .setOldInputs(toStruct(of.inputs))
      .setProperties(toStruct(of.outputs)),
  );

test("there is a state of every resource type", () => {
  const served = [...Object.keys(postgresqlPlugin().resources), ...Object.keys(randomPlugin.resources)];
  const there = officialStates.map(({ plugin, type }) => `${plugin}:index/${type}`);
  expect([...new Set(there)].sort()).toEqual(served.sort());
});

describe.each(officialStates.map((state) => [`${state.type} ${state.id}`, state] as const))("%s", (_title, of) => {
  test("reads as it is, bookkeeping and nulls included: a refresh changes nothing", async () => {
    expect(await read(of)).toEqual({ id: of.id, outputs: of.outputs, inputs: of.inputs });
  });

  test("shows no change to the program that made it, and the changed property to another", async () => {
    expect(await changes(of, await check(of, of.inputs))).toEqual([]);
    expect(await changes(of, of.inputs)).toEqual([]);
    const changed = await check(of, { ...of.inputs, ...of.changed });
    expect((await changes(of, changed)).sort()).toEqual(Object.keys(of.changed).sort());
  });

  test("is read, compared and kept whichever of its properties are null", async () => {
    const needed = [
      "id",
      "name",
      "database",
      "role",
      "grantRole",
      "objectType",
      "owner",
      "result",
      "length",
      "byteLength",
    ];
    const optional = Object.keys(of.outputs).filter((key) => !needed.includes(key) && !key.startsWith("__"));
    const news = await check(of, of.inputs);
    await fc.assert(
      fc.asyncProperty(fc.subarray(optional), async (absent) => {
        const nulls = Object.fromEntries(absent.map((key) => [key, null]));
        const sparse = { ...of, outputs: { ...of.outputs, ...nulls } };
        const { id, outputs } = await read(sparse);
        expect(id).toBe(of.id);
        // What the server says counts, and if it says what was recorded nothing is lost.
        expect(Object.keys(outputs)).toEqual(
          expect.arrayContaining(Object.keys(of.outputs).filter((key) => !key.startsWith("__"))),
        );
        if (of.plugin === "postgresql")
          expect((await changes({ ...of, outputs }, news)).filter((key) => key !== "password")).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test("is deleted", async () => {
    if (of.type !== "role:Role" || of.id !== "staff") await remove(of);
    const gone = await read(of);
    // What is drawn once is in the state alone, and a grant of nothing looks the same afterwards.
    const stays = of.plugin === "random" || /Grant$|DefaultPrivileges$/.test(of.type) || of.id === "staff";
    expect(gone.id).toBe(stays ? of.id : "");
  });
});

const inPlace = officialStates.filter(({ replaces }) => replaces !== true);

test.each(inPlace.map((state) => [state.type, state.id, state] as const))(
  "%s %s: an update keeps what is true and hands on no account of the outputs before it",
  async (_type, _id, of) => {
    const news = await check(of, { ...of.inputs, ...of.changed });
    const outputs = await update(of, news);
    expect(outputs).toMatchObject({ id: of.id, ...of.changed });
    expect(Object.keys(outputs).filter((key) => key.startsWith("__"))).toEqual(
      of.outputs["__meta"] === undefined ? [] : ["__meta"],
    );
    const after = { ...of, inputs: news, outputs };
    expect(await changes(after, news)).toEqual([]);
    expect(await read(after)).toEqual({ id: of.id, outputs, inputs: news });
  },
);

test("what differs after a refresh is recorded, without the account of the outputs before it", async () => {
  const of = officialStates.find(({ id }) => id === "clerk")!;
  await postgres.sql("postgres", "ALTER ROLE clerk SET role = 'staff'");
  const { outputs } = await read(of);
  const before = Object.entries(of.outputs).filter(([key]) => key !== "__pulumi_raw_state_delta");
  expect(outputs).toEqual({ ...Object.fromEntries(before), assumeRole: "staff" });
  expect(await changes({ ...of, outputs }, await check(of, of.inputs))).toEqual(["assumeRole"]);
});

test("what is made has its id among the outputs, as the official plugins write it", async () => {
  for (const of of officialStates.filter(({ plugin }) => plugin === "random")) {
    const inputs = toStruct(await check(of, of.inputs));
    const made = await talks.random.ask(calls.create, new proto.CreateRequest().setUrn(urn(of)).setProperties(inputs));
    expect(fromStruct(made.getProperties())["id"]).toBe(made.getId());
  }
});
