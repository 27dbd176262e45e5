import type { S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { Content } from "../types";
import { MB } from "../../../../lib/units";

/** S3 takes no more; https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const maxParts = 10_000;
const smallestPart = 8 * MB;

/** Parts that are under way at once; each is in memory, so that it can be sent again. */
const queueSize = 2;

/** Size of a part, so that even twice of what is expected fits into an upload. */
export const partBytes = (expectedBytes: number): number =>
  Math.max(smallestPart, Math.ceil((2 * expectedBytes) / maxParts));

/**
 * Uploads in parts, each repeated if its connection breaks. An upload that fails is taken back: nothing of it stays, visible
 * or only paid for.
 */
export async function upload(client: S3Client, at: { Bucket: string; Key: string }, content: Content): Promise<void> {
  const { data, expectedBytes = 0, type } = content;
  const parts = { queueSize, partSize: partBytes(expectedBytes), leavePartsOnError: false };
  try {
    await new Upload({ client, params: { ...at, Body: data, ContentType: type }, ...parts }).done();
  } finally {
    data.destroy();
  }
}
