import { ResourceProviderService as calls } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { z } from "zod";
import { changedInputs, type Plugin, type Properties, resource, UNKNOWN } from "../../../../providers/runtime/resource";
import { fromStruct, toStruct } from "../../../../providers/runtime/struct";
import { Conversation } from "../../../support/plugins/client";

interface Box {
  size: number;
  colour: string;
  label?: string | undefined;
}

/** The world of the test's plugin: boxes by id. */
const world = new Map<string, Properties>();
const received: Properties[] = [];
let closed = false;

const box = resource<Box, Box>({
  schema: z.strictObject({ size: z.int(), colour: z.string().default("red"), label: z.string().optional() }),
  deleteBeforeReplace: true,
  refreshBeforeUpdate: true,
  validate: ({ size }) => (size === 13 ? [{ property: "size", reason: "brings bad luck" }] : []),
  diff: (old, news) => {
    if (news.colour === "broken") throw new Error("this diff is broken");
    const kind = old.state.size === news.size ? "update" : "replace";
    const drift = old.inputs.colour === news.colour;
    return [
      ...(old.state.size === news.size ? [] : [{ property: "size", kind } as const]),
      ...(old.state.colour === news.colour ? [] : [{ property: "colour", kind: "update", drift } as const]),
      ...changedInputs(old.inputs, news).filter(({ property }) => !["size", "colour"].includes(property)),
    ];
  },
  create: (inputs, context) => {
    context.info("a line that nobody listens to");
    received.push({ ...inputs });
    world.set("box-1", { ...inputs });
    return Promise.resolve({ id: "box-1", state: inputs });
  },
  read: (old) => Promise.resolve(world.get(old.id) as Box | undefined),
  update: (old, news) => {
    received.push({ ...old.state });
    world.set(old.id, { ...news });
    return Promise.resolve(news);
  },
  delete: (old) => {
    world.delete(old.id);
    return Promise.resolve();
  },
});

const plugin: Plugin = {
  name: "toy",
  version: "1.2.3",
  resources: { "toy:index/box:Box": box },
  checkConfig: (config) => (config["wrong"] === undefined ? [] : [{ property: "wrong", reason: "is wrong" }]),
  configure: (config) => (config["bad"] === undefined ? Promise.resolve() : Promise.reject(new Error("bad: is bad"))),
  close: () => {
    closed = true;
    return Promise.resolve();
  },
};

const urn = (type: string) => `urn:pulumi:stack::project::my:Parent$${type}::name`;
const boxUrn = urn("toy:index/box:Box");
let talk: Conversation;

beforeAll(async () => {
  talk = await Conversation.start(plugin);
});
afterAll(async () => {
  await talk.stop();
  expect(closed).toBe(true);
});

const check = async (news: Properties, at = boxUrn) => {
  const answer = await talk.ask(calls.check, new proto.CheckRequest().setUrn(at).setNews(toStruct(news)));
  const failures = answer.getFailuresList().map((one) => `${one.getProperty()} ${one.getReason()}`);
  return { inputs: fromStruct(answer.getInputs()), failures };
};

const diff = async (old: { inputs: Properties; state: Properties }, news: Properties, ignore: string[] = []) => {
  const request = new proto.DiffRequest().setUrn(boxUrn).setId("box-1").setOldInputs(toStruct(old.inputs));
  request.setOlds(toStruct(old.state)).setNews(toStruct(news)).setIgnorechangesList(ignore);
  const answer = await talk.ask(calls.diff, request);
  const detail: Record<string, unknown> = {};
  answer.getDetaileddiffMap().forEach((one, key) => {
    detail[key] = [one.getKind(), one.getInputdiff()];
  });
  return {
    changes: answer.getChanges(),
    replaces: answer.getReplacesList(),
    deleteBeforeReplace: answer.getDeletebeforereplace(),
    detail,
  };
};
const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
const { UPDATE, UPDATE_REPLACE } = proto.PropertyDiff.Kind;

describe("check", () => {
  test("fills in defaults and drops a bridged provider's own keys", async () => {
    expect(await check({ size: 1, __defaults: [] })).toEqual({ inputs: { size: 1, colour: "red" }, failures: [] });
  });

  test("names an unknown property, a wrong value and what the type itself refuses", async () => {
    expect((await check({ size: "x", sise: 2 })).failures.sort()).toEqual([
      expect.stringMatching(/^sise is not a property/),
      expect.stringMatching(/^size .*number/),
    ]);
    expect((await check({ size: 13 })).failures).toEqual(["size brings bad luck"]);
  });

  test("waits with a value that is not known yet, and only with that one", async () => {
    expect((await check({ size: UNKNOWN })).failures).toEqual([]);
    expect((await check({ size: UNKNOWN, colour: 5 })).failures).toEqual([expect.stringMatching(/^colour/)]);
  });

  test("an unknown type is refused with the known ones", async () => {
    await expect(check({}, urn("toy:index/bag:Bag"))).rejects.toThrow(
      "toy has no resource type toy:index/bag:Bag; it has: toy:index/box:Box",
    );
  });
});

describe("diff", () => {
  const old = { inputs: { size: 1, colour: "red" }, state: { size: 1, colour: "red", __meta: "m" } };

  test("no change is none", async () => {
    expect(await diff(old, { size: 1, colour: "red" })).toEqual({
      changes: DIFF_NONE,
      replaces: [],
      deleteBeforeReplace: false,
      detail: {},
    });
  });

  test("an update, a replacement and drift are distinguished", async () => {
    expect(await diff(old, { size: 2, colour: "blue" })).toEqual({
      changes: DIFF_SOME,
      replaces: ["size"],
      deleteBeforeReplace: true,
      detail: { size: [UPDATE_REPLACE, true], colour: [UPDATE, true] },
    });
    const drifted = { ...old, state: { size: 1, colour: "grey" } };
    expect((await diff(drifted, old.inputs)).detail).toEqual({ colour: [UPDATE, false] });
  });

  test("a value that is not known yet replaces nothing in advance", async () => {
    expect(await diff(old, { size: UNKNOWN, colour: "red" })).toMatchObject({ changes: DIFF_SOME, replaces: [] });
  });

  test("an input that an older version of the type had is no change, one that the program leaves out is", async () => {
    const older = { ...old, inputs: { ...old.inputs, depth: 3, label: "x" } };
    expect(await diff(older, { size: 1, colour: "red" })).toMatchObject({ detail: { label: [UPDATE, true] } });
    expect(Object.keys((await diff(older, { size: 1, colour: "red" })).detail)).toEqual(["label"]);
  });

  test("ignoreChanges is kept", async () => {
    expect(await diff(old, { size: 2, colour: "red" }, ["size"])).toMatchObject({ changes: DIFF_NONE });
  });

  test("one that throws is the resource's error, and the server goes on", async () => {
    await expect(diff(old, { size: 1, colour: "broken" })).rejects.toThrow("this diff is broken");
    expect(await diff(old, old.inputs)).toMatchObject({ changes: DIFF_NONE });
  });
});

test("a resource lives: create, read, update, read, delete, gone", async () => {
  const request = new proto.CreateRequest()
    .setUrn(boxUrn)
    .setProperties(toStruct({ size: 1, colour: "red", __defaults: [] }));
  const made = await talk.ask(calls.create, request);
  expect([made.getId(), fromStruct(made.getProperties())]).toEqual(["box-1", { size: 1, colour: "red" }]);
  expect(made.getRefreshBeforeUpdate()).toBe(true);
  expect(received.at(-1)).toEqual({ size: 1, colour: "red" });

  const recorded = toStruct({ size: 1, colour: "red", __meta: "kept" });
  const look = () =>
    new proto.ReadRequest()
      .setUrn(boxUrn)
      .setId("box-1")
      .setProperties(recorded)
      .setInputs(toStruct({ size: 1 }));
  world.set("box-1", { size: 1, colour: "grey", label: undefined });
  const seen = await talk.ask(calls.read, look());
  expect(fromStruct(seen.getProperties())).toEqual({ size: 1, colour: "grey", __meta: "kept" });
  expect(fromStruct(seen.getInputs())).toEqual({ size: 1 });

  const change = new proto.UpdateRequest()
    .setUrn(boxUrn)
    .setId("box-1")
    .setOlds(recorded)
    .setNews(toStruct({ size: 1, colour: "blue" }));
  const changed = await talk.ask(calls.update, change);
  expect(fromStruct(changed.getProperties())).toEqual({ size: 1, colour: "blue", __meta: "kept" });
  expect(received.at(-1)).toEqual({ size: 1, colour: "red" });

  await talk.ask(calls.delete, new proto.DeleteRequest().setUrn(boxUrn).setId("box-1").setProperties(recorded));
  expect((await talk.ask(calls.read, look())).getId()).toBe("");
});

describe("the provider as a whole", () => {
  test("checks its configuration, and a refused one is an error with its reason", async () => {
    const checked = await talk.ask(calls.checkConfig, new proto.CheckRequest().setNews(toStruct({ wrong: 1 })));
    expect(checked.getFailuresList().map((one) => one.getProperty())).toEqual(["wrong"]);
    const set = (args: Properties) => talk.ask(calls.configure, new proto.ConfigureRequest().setArgs(toStruct(args)));
    expect((await set({})).getAcceptsecrets()).toBe(false);
    await expect(set({ bad: 1 })).rejects.toThrow("bad: is bad");
  });

  test("says its version, and which calls it does not offer", async () => {
    expect((await talk.ask(calls.getPluginInfo, new Empty())).getVersion()).toBe("1.2.3");
    await expect(talk.ask(calls.invoke, new proto.InvokeRequest())).rejects.toThrow("invoke is not offered");
  });
});
