import fc from "fast-check";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { newIdentity } from "../../../support/servers/backups/logical";
import { decryptWith, encryptTo, readIdentities, recipientOf } from "../../../../cli/dumps/age";

const folder = mkdtempSync(join(tmpdir(), "howdah-age-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const pieces = (bytes: Buffer): Readable => Readable.from([bytes.subarray(0, 1000), bytes.subarray(1000)]);
const encrypted = async (clear: Buffer, identity: string): Promise<Buffer> =>
  buffer(Readable.from(encryptTo(await recipientOf(identity))(pieces(clear))));
const decrypted = (secret: Buffer, identity: string): Promise<Buffer> =>
  buffer(Readable.from(decryptWith([identity], "it")(pieces(secret))));

let identity: string;
let clear: Buffer;
let secret: Buffer;
beforeAll(async () => {
  identity = await newIdentity();
  clear = randomBytes(200_000);
  secret = await encrypted(clear, identity);
});

describe("encryption", () => {
  test("gives back what went in, also nothing at all, and shows none of it", async () => {
    expect((await decrypted(secret, identity)).equals(clear)).toBe(true);
    expect(await decrypted(await encrypted(Buffer.alloc(0), identity), identity)).toHaveLength(0);
    expect(secret.includes(clear.subarray(100_000, 100_016))).toBe(false);
  });

  test("is opened by no other key", async () => {
    await expect(decrypted(secret, await newIdentity())).rejects.toThrow(
      /^it cannot be decrypted: no identity matched/,
    );
  });

  test("notices a changed bit, wherever it is", async () => {
    const place = fc.nat({ max: secret.length - 1 });
    await fc.assert(
      fc.asyncProperty(place, fc.nat({ max: 7 }), async (at, bit) => {
        const changed = Buffer.from(secret);
        changed[at] = changed[at]! ^ (1 << bit);
        await expect(decrypted(changed, identity)).rejects.toThrow("it cannot be decrypted");
      }),
      { numRuns: 40 },
    );
  });

  test("notices what was cut off or added, also between its chunks", async () => {
    const chunk = 65_552;
    const tail = (secret.length % chunk) + 1;
    for (const length of [0, 50, secret.length - 1, secret.length - (200_000 % 65_536) - 16, secret.length - tail])
      await expect(decrypted(secret.subarray(0, length), identity)).rejects.toThrow("it cannot be decrypted");
    await expect(decrypted(Buffer.concat([secret, secret]), identity)).rejects.toThrow("it cannot be decrypted");
  });

  test("fails with the error of what it reads", async () => {
    const broken = (async function* () {
      yield await Promise.resolve(secret.subarray(0, 100_000));
      throw new Error("the connection broke");
    })();
    await expect(buffer(Readable.from(decryptWith([identity], "it")(broken)))).rejects.toThrow(
      /^the connection broke$/,
    );
  });

  test("wants a recipient", async () => {
    await expect(buffer(Readable.from(encryptTo("age1nonsense")(pieces(clear))))).rejects.toThrow(
      "age1nonsense is not an age recipient",
    );
  });
});

describe("an identity file", () => {
  const file = (text: string): string => {
    const path = join(folder, "identity");
    writeFileSync(path, text);
    return path;
  };

  test("has comments, and one key a line", async () => {
    const other = await newIdentity();
    const path = file(`# created: today\n# public key: age1…\n${identity}\n\n  ${other}\r\n`);
    expect(await readIdentities(path)).toEqual([identity, other]);
  });

  test("without a key is refused, and so is a broken key, which no message shows", async () => {
    await expect(readIdentities(file("# nothing\n"))).rejects.toThrow("contains no age identity");
    await expect(readIdentities(join(folder, "none"))).rejects.toThrow("cannot be read");
    const error: unknown = await readIdentities(file(identity.slice(0, -1))).catch((caught: unknown) => caught);
    expect(String(error)).toMatch(/contains an invalid age identity/);
    expect(String(error)).not.toContain(identity.slice(20, 40));
  });
});
