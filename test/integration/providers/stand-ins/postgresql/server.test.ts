import { ResourceProviderService as calls } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { postgresqlPlugin } from "../../../../../providers/stand-ins/postgresql/plugin";
import type { Properties } from "../../../../../providers/runtime/resource";
import { fromStruct, toStruct } from "../../../../../providers/runtime/struct";
import type { ThrowawayPostgres } from "../../../../support/servers/postgres/throwaway-postgres";
import { Conversation } from "../../../../support/plugins/client";
import { ADMINISTRATOR, startWithAdministrator } from "../../../../support/plugins/postgresql-stage";

let postgres: ThrowawayPostgres;
let talk: Conversation;
const urn = (type: string) => `urn:pulumi:stack::project::postgresql:index/${type}::name`;

beforeAll(async () => {
  postgres = await startWithAdministrator();
  talk = await Conversation.start(postgresqlPlugin());
});
afterAll(async () => {
  await talk.stop();
  await postgres.stop();
});

const check = async (type: string, news: Properties) => {
  const answer = await talk.ask(calls.check, new proto.CheckRequest().setUrn(urn(type)).setNews(toStruct(news)));
  return {
    inputs: answer.getInputs(),
    failures: answer.getFailuresList().map((one) => `${one.getProperty()} ${one.getReason()}`),
  };
};

test("work before the configuration is refused with the reason", async () => {
  const request = new proto.CreateRequest().setUrn(urn("role:Role")).setProperties(toStruct({ name: "early" }));
  await expect(talk.ask(calls.create, request)).rejects.toThrow("the provider was not configured");
});

test("a role is made, read, changed and dropped through the engine's protocol", async () => {
  const config = {
    host: postgres.host,
    port: String(postgres.port),
    username: ADMINISTRATOR,
    sslmode: "disable",
    version: "3.18.1",
  };
  expect(
    (await talk.ask(calls.checkConfig, new proto.CheckRequest().setNews(toStruct(config)))).getFailuresList(),
  ).toEqual([]);
  await talk.ask(calls.configure, new proto.ConfigureRequest().setArgs(toStruct(config)));

  const { inputs, failures } = await check("role:Role", { __defaults: [], name: "wired", login: true });
  expect(failures).toEqual([]);
  const made = await talk.ask(calls.create, new proto.CreateRequest().setUrn(urn("role:Role")).setProperties(inputs));
  expect(made.getId()).toBe("wired");
  expect(made.getRefreshBeforeUpdate()).toBe(false);
  expect(fromStruct(made.getProperties())).toMatchObject({
    name: "wired",
    login: true,
    connectionLimit: -1,
    validUntil: "infinity",
  });

  await postgres.sql("postgres", "ALTER ROLE wired NOLOGIN");
  const look = new proto.ReadRequest()
    .setUrn(urn("role:Role"))
    .setId("wired")
    .setInputs(inputs)
    .setProperties(made.getProperties());
  const seen = await talk.ask(calls.read, look);
  expect(fromStruct(seen.getProperties())).toMatchObject({ login: false });
  const compare = new proto.DiffRequest().setUrn(urn("role:Role")).setId("wired").setOldInputs(inputs);
  const diff = await talk.ask(calls.diff, compare.setOlds(seen.getProperties()).setNews(inputs));
  expect(diff.getDiffsList()).toEqual(["login"]);

  const repair = new proto.UpdateRequest()
    .setUrn(urn("role:Role"))
    .setId("wired")
    .setOlds(seen.getProperties())
    .setNews(inputs);
  await talk.ask(calls.update, repair);
  expect(await postgres.sql("postgres", "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'wired'")).toEqual([
    { rolcanlogin: true },
  ]);
  const drop = new proto.DeleteRequest().setUrn(urn("role:Role")).setId("wired").setProperties(made.getProperties());
  await talk.ask(calls.delete, drop);
  expect((await talk.ask(calls.read, look)).getId()).toBe("");
});

test("an unknown property, setting and type are refused by name", async () => {
  expect((await check("role:Role", { name: "r", passwordWo: "x" })).failures).toEqual([
    "passwordWo is not a property of this resource type",
  ]);
  await expect(check("publication:Publication", { name: "all" })).rejects.toThrow(
    /no resource type postgresql:index\/publication:Publication; it has: .*role:Role/,
  );
  const config = new proto.CheckRequest().setNews(toStruct({ azureTenantId: "t" }));
  expect((await talk.ask(calls.checkConfig, config)).getFailuresList().map((one) => one.getProperty())).toEqual([
    "azureTenantId",
  ]);
});
