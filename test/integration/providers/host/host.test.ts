import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ResourceProviderService as calls } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { version } from "../../../../package.json";
import { host } from "../../../../providers/host/host";
import { fromStruct, toStruct } from "../../../../providers/runtime/struct";
import { serviceFolder, type ServiceFolder } from "../../../support/servers/service-folder";
import { Conversation } from "../../../support/plugins/client";

let talk: Conversation;
let folder: ServiceFolder;
beforeAll(async () => {
  folder = await serviceFolder();
  talk = await Conversation.start(host);
});
afterAll(async () => {
  await talk.stop();
  await folder.remove();
});

const urn = "urn:pulumi:stack::howdah::howdah:local:Foundation$host:index:File::a-file";

test("the provider is of the version of this repository", async () => {
  expect((await talk.ask(calls.getPluginInfo, new Empty())).getVersion()).toBe(version);
});

test("a file lives over the engine's line: checked, made, found edited, repaired and deleted", async () => {
  const path = join(folder.path, "file");
  const asked = toStruct({ path, content: "one" });
  const checked = await talk.ask(calls.check, new proto.CheckRequest().setUrn(urn).setNews(asked));
  const inputs = checked.getInputs()!;
  expect(fromStruct(inputs)).toEqual({ path, content: "one", mode: "0600" });

  const made = await talk.ask(calls.create, new proto.CreateRequest().setUrn(urn).setProperties(inputs));
  expect(await readFile(path, "utf8")).toBe("one");
  expect(made.getRefreshBeforeUpdate()).toBe(true);

  await writeFile(path, "edited");
  const look = new proto.ReadRequest().setUrn(urn).setId(path).setInputs(inputs).setProperties(made.getProperties());
  const seen = (await talk.ask(calls.read, look)).getProperties();
  const compare = new proto.DiffRequest().setUrn(urn).setId(path).setOldInputs(inputs).setOlds(seen).setNews(inputs);
  const difference = await talk.ask(calls.diff, compare);
  expect([difference.getDiffsList(), difference.getReplacesList()]).toEqual([["actual"], []]);

  const repair = new proto.UpdateRequest().setUrn(urn).setId(path).setOldInputs(inputs).setOlds(seen).setNews(inputs);
  await talk.ask(calls.update, repair);
  expect(await readFile(path, "utf8")).toBe("one");

  await talk.ask(calls.delete, new proto.DeleteRequest().setUrn(urn).setId(path).setProperties(made.getProperties()));
  await expect(stat(path)).rejects.toThrow("ENOENT");
  expect((await talk.ask(calls.read, look)).getId()).toBe("");
});

test("what fails on the machine is the resource's error, with the path", async () => {
  const parent = join(folder.path, "no-folder");
  await writeFile(parent, "");
  const inputs = toStruct({ path: join(parent, "file"), content: "", mode: "0600" });
  const create = talk.ask(calls.create, new proto.CreateRequest().setUrn(urn).setProperties(inputs));
  await expect(create).rejects.toThrow(parent);
});
