import { CreateMultipartUploadCommand, ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import fc from "fast-check";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { folderStore } from "../../../../../cli/dumps/store/folder";
import type { Bucket } from "../../../../../cli/dumps/store/s3/client";
import { partBytes } from "../../../../../cli/dumps/store/s3/upload";
import { storeOf } from "../../../../../cli/dumps/store/store";
import type { Store } from "../../../../../cli/dumps/store/types";
import { type BreakingProxy, startBreakingProxy } from "../../../../support/servers/routing/breaking-proxy";
import { type Moto, startMoto } from "../../../../support/servers/backups/moto";

const mebibyte = 1024 * 1024;
const name = "app-20261125T160512Z-dump.dump.age";
/** Three parts. */
const large = randomBytes(20 * mebibyte);

let moto: Moto;
let proxy: BreakingProxy;
let bucket: Bucket;
const folder = mkdtempSync(join(tmpdir(), "howdah-store-"));
const inFolder = join(folder, "deep", "store");
beforeAll(async () => {
  moto = await startMoto();
  proxy = await startBreakingProxy(moto.port);
  bucket = await moto.bucket("backups", proxy.port);
}, 180_000);
afterEach(() => {
  proxy.breakNext(0, 0);
});
afterAll(async () => {
  await proxy.stop();
  await moto.stop();
  rmSync(folder, { recursive: true });
});

/** In chunks such as encryption gives. */
const chunks = function* (content: Buffer): Generator<Buffer> {
  for (let at = 0; at < content.length; at += 65_552) yield content.subarray(at, at + 65_552);
};
const write = (store: Store, content: Buffer, as = name): Promise<void> =>
  store.write(as, { data: Readable.from(chunks(content), { objectMode: false }) });
const names = async (store: Store): Promise<string[]> => (await store.list()).map((object) => object.name).sort();

describe.each([
  ["a folder", () => storeOf({ folder: inFolder })],
  ["a bucket", () => storeOf({ s3: bucket })],
])("%s", (_title, storeNow) => {
  test("gives back what was written, small or large, and forgets what is removed", async () => {
    const store = storeNow();
    await write(store, large);
    await write(store, Buffer.from("{}"), "small.json");
    expect((await buffer(await store.read(name))).equals(large)).toBe(true);
    expect(await buffer(await store.read("small.json"))).toEqual(Buffer.from("{}"));
    const listed = (await store.list()).find((object) => object.name === name);
    expect(listed).toMatchObject({ name, bytes: large.length });
    expect(Math.abs(listed!.writtenAt.getTime() - Date.now())).toBeLessThan(3_600_000);
    for (const one of [name, "small.json", "never-there"]) await store.remove(one);
    expect(await names(store)).toEqual([]);
  });

  test("has no object of which it was not given the end", async () => {
    const store = storeNow();
    const broken = function* (): Generator<Buffer> {
      yield* chunks(large);
      throw new Error("the dump broke");
    };
    await expect(store.write(name, { data: Readable.from(broken(), { objectMode: false }) })).rejects.toThrow(
      /^the dump broke$/,
    );
    expect(await names(store)).toEqual([]);
    expect(await moto.unfinished(bucket.bucket)).toEqual([]);
  });

  test("says what it does not hold", async () => {
    await expect(storeNow().read("none.json")).rejects.toThrow(`${storeNow().describe()} has no none.json`);
  });
});

describe("a folder", () => {
  test("is not there before the first write, which no other user can read", async () => {
    const store = folderStore(join(folder, "new"));
    expect(await store.list()).toEqual([]);
    await write(store, Buffer.from("a"));
    expect(statSync(join(folder, "new", name)).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "new")).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder, "new"))).toEqual([name]);
  });

  test("loses what killed writers have left, after a day and if it is ours", async () => {
    const at = join(folder, "left");
    mkdirSync(at);
    const [old, young, foreign] = [`.${name}.00000000.partial`, `.${name}.11111111.partial`, ".notes.22222222.partial"];
    for (const file of [old, young, foreign]) writeFileSync(join(at, file), "half");
    const now = new Date();
    const longAgo = new Date(now.getTime() - 25 * 3_600_000);
    for (const file of [old, foreign]) utimesSync(join(at, file), longAgo, longAgo);
    const store = folderStore(at);
    expect(await store.list()).toEqual([]);
    expect(await store.removeUnfinished(now)).toEqual([old]);
    expect(readdirSync(at).sort()).toEqual([young, foreign].sort());
  });
});

describe("a bucket", () => {
  test("takes a part again whose connection is reset in the middle", async () => {
    const store = storeOf({ s3: bucket });
    const before = proxy.broken;
    proxy.breakNext(2, 3 * mebibyte);
    await write(store, large);
    expect(proxy.broken - before).toBe(2);
    expect((await buffer(await store.read(name))).equals(large)).toBe(true);
    expect(await moto.unfinished(bucket.bucket)).toEqual([]);
    await store.remove(name);
  });

  test("takes back an upload whose connection stays broken, and says why", async () => {
    const store = storeOf({ s3: bucket });
    proxy.breakNext(Infinity, 3 * mebibyte);
    const failed = expect(write(store, large)).rejects;
    await failed.toThrow(/^s3:\/\/backups\/team\/db: app-\S+ cannot be written: .*(ECONNRESET|EPIPE|socket hang up)/);
    proxy.breakNext(0, 0);
    expect(await names(store)).toEqual([]);
    expect(await moto.unfinished(bucket.bucket)).toEqual([]);
  });

  test("reads on where a connection is reset in the middle of an answer", async () => {
    const store = storeOf({ s3: bucket });
    await write(store, large);
    const before = proxy.broken;
    proxy.breakNext(2, 3 * mebibyte);
    expect((await buffer(await store.read(name))).equals(large)).toBe(true);
    expect(proxy.broken - before).toBe(2);
    await store.remove(name);
  });

  test("shows only what is directly below its prefix", async () => {
    const [own, wider, deeper] = ["team/db", "", "team/db/deep"].map((prefix) =>
      storeOf({ s3: { ...bucket, prefix } }),
    );
    await write(own!, Buffer.from("a"), "own");
    await write(wider!, Buffer.from("a"), "other");
    await write(deeper!, Buffer.from("a"), "deep");
    expect(await names(own!)).toEqual(["own"]);
    expect(await names(wider!)).toEqual(["other"]);
    for (const [store, object] of [
      [own!, "own"],
      [wider!, "other"],
      [deeper!, "deep"],
    ] as const)
      await store.remove(object);
  });

  test("loses uploads of killed writers after a week, if they are ours", async () => {
    const store = storeOf({ s3: bucket });
    for (const Key of [`team/db/${name}`, "team/db/notes", `elsewhere/${name}`])
      await moto.client.send(new CreateMultipartUploadCommand({ Bucket: bucket.bucket, Key }));
    const { Uploads = [] } = await moto.client.send(new ListMultipartUploadsCommand({ Bucket: bucket.bucket }));
    const daysLater = (days: number): Date => new Date(Uploads[0]!.Initiated!.getTime() + days * 24 * 3_600_000);
    expect(await store.removeUnfinished(daysLater(6))).toEqual([]);
    expect(await store.removeUnfinished(daysLater(8))).toEqual([name]);
    expect((await moto.unfinished(bucket.bucket)).sort()).toEqual([`elsewhere/${name}`, "team/db/notes"]);
  });

  test("that is not there is named, and no key is", async () => {
    const store = storeOf({ s3: { ...bucket, bucket: "nowhere" } });
    const errors = await Promise.all(
      [write(store, Buffer.from("a")), store.list(), store.read(name), store.removeUnfinished(new Date())].map((one) =>
        one.then(String, String),
      ),
    );
    for (const error of errors) {
      expect(error).toMatch(/s3:\/\/nowhere\/team\/db/);
      expect(error).not.toContain("a-secret-word");
    }
    expect(errors[0]).toMatch(/NoSuchBucket: /);
  });
});

test("twice of what is expected fits into the parts of an upload, none of them below S3's least", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20 * 1024 ** 4 }), (expected) => {
      const part = partBytes(expected);
      expect(Math.ceil((2 * expected) / part)).toBeLessThanOrEqual(10_000);
      expect(part).toBeGreaterThanOrEqual(5 * mebibyte);
    }),
  );
});
