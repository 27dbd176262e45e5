import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  type MultipartUpload,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import { Readable } from "node:stream";
import { Failure } from "../../../../lib/errors";
import { day } from "../../../../lib/units";
import { Missing } from "../missing";
import { backupOf } from "../names";
import { type Bucket, s3Client, s3Reason } from "./client";
import { readRanges } from "./read";
import { upload } from "./upload";
import type { Content, Store, Stored } from "../types";

/** S3 tells when an upload has begun, not when it was last fed: a slow one may take days. */
const abandonedMilliseconds = 7 * day;

const isMissing = (error: unknown): boolean => ["NoSuchKey", "NotFound"].includes((error as Error).name);

class S3Store implements Store {
  private readonly client: S3Client;
  private readonly head: string;

  constructor(private readonly bucket: Bucket) {
    this.client = s3Client(bucket);
    this.head = bucket.prefix === "" ? "" : `${bucket.prefix}/`;
  }

  describe(): string {
    return `s3://${this.bucket.bucket}/${this.bucket.prefix}`;
  }

  async write(name: string, content: Content): Promise<void> {
    try {
      await upload(this.client, this.at(name), content);
    } catch (error) {
      throw error === content.data.errored ? error : this.failure("cannot be written", name, error);
    }
  }

  async read(name: string): Promise<Readable> {
    try {
      return Readable.from(await readRanges(this.client, this.at(name)), { objectMode: false });
    } catch (error) {
      throw isMissing(error)
        ? new Missing(`${this.describe()} has no ${name}`)
        : this.failure("cannot be read", name, error);
    }
  }

  async list(): Promise<Stored[]> {
    const { bucket: Bucket } = this.bucket;
    const found: Stored[] = [];
    try {
      const pages = paginateListObjectsV2({ client: this.client }, { Bucket, Prefix: this.head, Delimiter: "/" });
      for await (const { Contents = [] } of pages)
        for (const { Key = "", Size = 0, LastModified = new Date(0) } of Contents)
          found.push({ name: Key.slice(this.head.length), bytes: Size, writtenAt: LastModified });
    } catch (error) {
      throw this.failure("cannot be listed", "", error);
    }
    return found;
  }

  async remove(name: string): Promise<void> {
    try {
      await this.client.send(new DeleteObjectCommand(this.at(name)));
    } catch (error) {
      throw this.failure("cannot be removed", name, error);
    }
  }

  async removeUnfinished(now: Date): Promise<string[]> {
    const left = (await this.uploads()).filter(
      ({ Key = "", Initiated }) =>
        backupOf(Key.slice(this.head.length)) !== undefined &&
        now.getTime() - (Initiated ?? now).getTime() > abandonedMilliseconds,
    );
    const { bucket: Bucket } = this.bucket;
    for (const { Key, UploadId } of left)
      await this.client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    return left.map(({ Key = "" }) => Key.slice(this.head.length));
  }

  private async uploads(): Promise<MultipartUpload[]> {
    const asked = { Bucket: this.bucket.bucket, Prefix: this.head };
    try {
      // One page of a thousand: the next run takes the next.
      return (await this.client.send(new ListMultipartUploadsCommand(asked))).Uploads ?? [];
    } catch (error) {
      throw this.failure("has unfinished uploads that cannot be listed", "", error);
    }
  }

  private at(name: string): { Bucket: string; Key: string } {
    return { Bucket: this.bucket.bucket, Key: `${this.head}${name}` };
  }

  private failure(what: string, name: string, error: unknown): Failure {
    return new Failure(`${this.describe()}${name === "" ? "" : `: ${name}`} ${what}: ${s3Reason(error)}`);
  }
}

/** Objects below a bucket's prefix. Credentials come from the SDK's usual chain, or from the file that the bucket names. */
export const s3Store = (bucket: Bucket): Store => new S3Store(bucket);
