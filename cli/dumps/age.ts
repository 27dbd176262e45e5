import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { Failure, messageOf } from "../../lib/errors";

type Bytes = AsyncIterable<Uint8Array>;

/** An ES module only, while ours are transpiled to CommonJS. */
const library = () => import("age-encryption");

/** Private keys of an identity file as `age -i` reads it: comments, and one key a line. */
export type Identities = readonly string[];

/** @throws Failure if the file cannot be read or holds no key; the text of a key is in no message */
export async function readIdentities(path: string): Promise<Identities> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new Failure(`the identity file cannot be read: ${messageOf(error)}`);
  });
  const keys = text.split("\n").map((line) => line.trim());
  const identities = keys.filter((line) => line.startsWith("AGE-SECRET-KEY-"));
  if (identities.length === 0) throw new Failure(`${path} contains no age identity (a line AGE-SECRET-KEY-1…)`);
  await Promise.all(
    identities.map((identity) =>
      recipientOf(identity).catch(() => {
        throw new Failure(`${path} contains an invalid age identity: truncated or mistyped`);
      }),
    ),
  );
  return identities;
}

/** The public key that belongs to an identity. */
export const recipientOf = async (identity: string): Promise<string> => (await library()).identityToRecipient(identity);

const webStream = (source: Bytes): ReadableStream<Uint8Array> =>
  Readable.toWeb(Readable.from(source, { objectMode: false })) as ReadableStream<Uint8Array>;

/**
 * A stage of a pipeline that encrypts to a recipient (`age1…`).
 * @throws Failure in the pipeline if it is not one
 */
export const encryptTo = (recipient: string) =>
  async function* (source: Bytes): AsyncGenerator<Uint8Array> {
    const { Encrypter } = await library();
    const encrypter = new Encrypter();
    try {
      encrypter.addRecipient(recipient);
    } catch (error) {
      throw new Failure(`${recipient} is not an age recipient: ${messageOf(error)}`);
    }
    yield* await encrypter.encrypt(webStream(source));
  };

/**
 * A stage of a pipeline that decrypts; it fails before the end where anything was changed, cut off or added.
 * Nothing that comes out is worth anything unless the pipeline ends well.
 * @param name of what is decrypted, for messages
 * @throws Failure in the pipeline if no identity fits, or the content is broken
 */
export const decryptWith = (identities: Identities, name: string) =>
  async function* (source: Bytes): AsyncGenerator<Uint8Array> {
    const { Decrypter } = await library();
    const decrypter = new Decrypter();
    for (const identity of identities) decrypter.addIdentity(identity);
    let failure: { readonly error: unknown } | undefined;
    const watched = (async function* () {
      try {
        yield* source;
      } catch (error) {
        failure = { error };
        throw error;
      }
    })();
    try {
      yield* await decrypter.decrypt(webStream(watched));
    } catch (error) {
      throw failure === undefined ? new Failure(`${name} cannot be decrypted: ${messageOf(error)}`) : failure.error;
    }
  };
