import { ResourceProviderService as calls } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { z } from "zod";
import { physicalName } from "../../../../providers/runtime/naming";
import { type Plugin, type Properties, resource } from "../../../../providers/runtime/resource";
import { fromStruct, toStruct } from "../../../../providers/runtime/struct";
import { Conversation } from "../../../support/plugins/client";

interface Bag {
  name?: string | undefined;
  size: number;
}

const created: Bag[] = [];

const bag = resource<Bag, Bag & { weight: number }>({
  schema: z.strictObject({ name: z.string(), size: z.int() }),
  deleteBeforeReplace: (old, news) => old.inputs.name === news.name,
  complete: (news, naming) => ({
    name: naming.old["name"] ?? (naming.disabled ? undefined : physicalName(naming)),
    ...news,
  }),
  diff: (old, news) => (old.inputs.size === news.size ? [] : [{ property: "size", kind: "replace" }]),
  preview: (old, news) => ({ ...old?.state, ...news }),
  create: (inputs) => {
    created.push(inputs);
    return Promise.resolve({ id: "bag-1", state: { ...inputs, weight: 7 } });
  },
  read: (old) => Promise.resolve(old.state),
  update: () => Promise.reject(new Error("an update in a preview")),
  delete: () => Promise.resolve(),
});

const plugin: Plugin = {
  name: "toy",
  version: "1.2.3",
  previews: true,
  resources: { "toy:index/bag:Bag": bag },
  invoke: (token, args) =>
    token === "toy:index/getBag:getBag"
      ? Promise.resolve({ found: args["name"] })
      : Promise.reject(new Error(`toy has no data source ${token}`)),
};

const urn = "urn:pulumi:stack::project::toy:index/bag:Bag::rucksack";
let talk: Conversation;
beforeAll(async () => {
  talk = await Conversation.start(plugin);
});
afterAll(async () => {
  await talk.stop();
});

test("a data source answers, and another one is refused by name", async () => {
  const ask = (token: string) =>
    talk.ask(calls.invoke, new proto.InvokeRequest().setTok(token).setArgs(toStruct({ name: "rucksack" })));
  expect(fromStruct((await ask("toy:index/getBag:getBag")).getReturn())).toEqual({ found: "rucksack" });
  await expect(ask("toy:index/getBox:getBox")).rejects.toThrow("toy has no data source toy:index/getBox:getBox");
});

describe("a physical name", () => {
  const { AutonamingOptions } = proto.CheckRequest;
  const check = async (news: Properties, more: (request: proto.CheckRequest) => void = () => undefined) => {
    const request = new proto.CheckRequest().setUrn(urn).setNews(toStruct(news));
    more(request);
    const answer = await talk.ask(calls.check, request);
    return [fromStruct(answer.getInputs())["name"], ...answer.getFailuresList().map((one) => one.getProperty())];
  };
  const options = (name: string, mode: proto.CheckRequest.AutonamingOptions.Mode) => (request: proto.CheckRequest) => {
    request.setAutonaming(new AutonamingOptions().setProposedName(name).setMode(mode));
  };

  test("is the logical one with a random end, and the same for the same seed", async () => {
    expect(await check({ size: 1 })).toEqual([expect.stringMatching(/^rucksack-[0-9a-f]{7}$/)]);
    expect(await check({ size: 1 })).not.toEqual(await check({ size: 1 }));
    const seeded = (byte: number) => (request: proto.CheckRequest) =>
      void request.setRandomseed(new Uint8Array([byte]));
    expect(await check({ size: 1 }, seeded(1))).toEqual(await check({ size: 1 }, seeded(1)));
    expect(await check({ size: 1 }, seeded(1))).not.toEqual(await check({ size: 1 }, seeded(2)));
  });

  test("is the program's where it gives one, and stays as it was where it does not", async () => {
    expect(await check({ size: 1, name: "mine" })).toEqual(["mine"]);
    const old = (request: proto.CheckRequest) => void request.setOlds(toStruct({ size: 1, name: "had" }));
    expect(await check({ size: 2 }, old)).toEqual(["had"]);
  });

  test("is what the stack's autonaming proposes, and none where that is forbidden", async () => {
    const { PROPOSE, ENFORCE, DISABLE } = AutonamingOptions.Mode;
    expect(await check({ size: 1 }, options("proposed", PROPOSE))).toEqual(["proposed"]);
    expect(await check({ size: 1 }, options("enforced", ENFORCE))).toEqual(["enforced"]);
    expect(await check({ size: 1 }, options("", DISABLE))).toEqual([undefined, "name"]);
  });
});

describe("a preview", () => {
  test("is announced to the engine by plugins that can", async () => {
    const configure = async (talking: Conversation) =>
      (await talking.ask(calls.configure, new proto.ConfigureRequest())).getSupportspreview();
    expect(await configure(talk)).toBe(true);
    const other = await Conversation.start({ ...plugin, previews: false });
    expect(await configure(other)).toBe(false);
    await other.stop();
  });

  test("makes nothing, and keeps what an update will not change", async () => {
    const inputs = toStruct({ name: "mine", size: 1 });
    const made = await talk.ask(
      calls.create,
      new proto.CreateRequest().setUrn(urn).setProperties(inputs).setPreview(true),
    );
    expect([made.getId(), fromStruct(made.getProperties())]).toEqual(["", { name: "mine", size: 1 }]);
    expect(created).toEqual([]);
    const change = new proto.UpdateRequest().setUrn(urn).setId("bag-1").setPreview(true);
    change.setOlds(toStruct({ name: "mine", size: 1, weight: 7 })).setNews(toStruct({ name: "mine", size: 2 }));
    const changed = await talk.ask(calls.update, change);
    expect(fromStruct(changed.getProperties())).toEqual({ name: "mine", size: 2, weight: 7 });
  });
});

test("a type may decide from the names whether the old one has to go first", async () => {
  const first = async (name: string) => {
    const old = toStruct({ name: "mine", size: 1 });
    const request = new proto.DiffRequest().setUrn(urn).setId("bag-1").setOldInputs(old).setOlds(old);
    return (await talk.ask(calls.diff, request.setNews(toStruct({ name, size: 2 })))).getDeletebeforereplace();
  };
  expect(await first("mine")).toBe(true);
  expect(await first("another")).toBe(false);
});
