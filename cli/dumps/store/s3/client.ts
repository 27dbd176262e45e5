import { S3Client } from "@aws-sdk/client-s3";
import { fromIni } from "@aws-sdk/credential-provider-ini";
import type { Destination } from "../../../../contracts/stack-file";

export type Bucket = Extract<Destination, { s3: unknown }>["s3"];

/** Requests in all, the SDK's pauses between them: half a minute at most. */
const maxAttempts = 6;

/** Milliseconds; a connection that says nothing for so long is given up, and the request repeated. */
const timeouts = { connectionTimeout: 10_000, socketTimeout: 60_000 };

/**
 * The SDK's client for a bucket; nothing is asked before its first request. Other services than AWS's are addressed by path, and
 * spared the checksums that some of them refuse: every backup is read back and compared with its SHA-256 anyway.
 */
export function s3Client({ region, endpoint, credentialsFile }: Bucket): S3Client {
  const checksums = endpoint === undefined ? "WHEN_SUPPORTED" : "WHEN_REQUIRED";
  return new S3Client({
    region,
    endpoint,
    forcePathStyle: endpoint !== undefined,
    credentials: credentialsFile === undefined ? undefined : fromIni({ filepath: credentialsFile }),
    retryMode: "standard",
    maxAttempts,
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
    requestHandler: timeouts,
  });
}

/** What an error of the SDK says, with its kind: messages of some services are empty. */
export function s3Reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { $metadata: metadata } = error as { $metadata?: { attempts?: number } };
  const attempts = metadata?.attempts ?? 1;
  const kind = error.name === "Error" || error.message.includes(error.name) ? "" : `${error.name}: `;
  return `${kind}${error.message}${attempts > 1 ? ` (${attempts} attempts)` : ""}`;
}
