import { GetObjectCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { doubling, retry, type RetryPolicy } from "../../../../lib/retry";
import { MB } from "../../../../lib/units";

/** Bytes asked for at once: what a broken connection costs, and what is in memory. */
const rangeBytes = 8 * MB;

/** The SDK repeats a request, but not the reading of an answer's body. */
const policy: RetryPolicy = { tries: 5, pause: doubling(200) };

/**
 * An object from its beginning to its end, range by range. Rejects at once if there is none, and on the way where
 * another one was written under its name.
 */
export async function readRanges(
  client: S3Client,
  at: { Bucket: string; Key: string },
): Promise<AsyncIterable<Uint8Array>> {
  const { ContentLength: bytes = 0, ETag } = await client.send(new HeadObjectCommand(at));
  const range = async (first: number): Promise<Uint8Array> => {
    const last = Math.min(first + rangeBytes, bytes) - 1;
    const asked = { ...at, Range: `bytes=${first}-${last}`, IfMatch: ETag };
    const { Body } = await client.send(new GetObjectCommand(asked));
    const part = (await Body?.transformToByteArray()) ?? new Uint8Array();
    if (part.byteLength !== last - first + 1) throw new Error(`got ${part.byteLength} bytes for ${asked.Range}`);
    return part;
  };
  return (async function* () {
    for (let first = 0; first < bytes; first += rangeBytes) yield await retry(policy, () => range(first));
  })();
}
