import * as s3 from "@pulumi/aws/s3";
import type * as pulumi from "@pulumi/pulumi";
import { verifiedSchema } from "../../../../../contracts/drill-record";
import type { Verified } from "../../../../ports";
import { latestDrill } from "./job-access";

/** What a record proves; undefined if it is not one, or of a drill that has never passed. */
export function verifiedOf(text: string): Verified | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data } = verifiedSchema.safeParse(content);
  if (data === undefined) return undefined;
  const { measuredRpoSeconds, ...known } = data;
  return measuredRpoSeconds === undefined ? known : { ...known, measuredRpoSeconds };
}

async function newestDrill(bucket: string, options: pulumi.InvokeOptions): Promise<Verified | undefined> {
  const { keys } = await s3.getObjects({ bucket, prefix: latestDrill, maxKeys: 1 }, options);
  if (!keys.includes(latestDrill)) return undefined;
  const { body } = await s3.getObject({ bucket, key: latestDrill }, options);
  return verifiedOf(body);
}

/**
 * What the newest drill has left in the bucket; undefined before the first one. Asks nothing in a preview that has yet to make
 * the bucket, as its name is unknown then.
 */
export const newestVerified = (
  bucket: pulumi.Output<string>,
  options: pulumi.InvokeOptions,
): pulumi.Output<Verified | undefined> => bucket.apply((name) => newestDrill(name, options));
