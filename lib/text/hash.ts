import { createHash } from "node:crypto";

/** SHA-256 in hex digits. */
export const sha256 = (content: string | Buffer): string => createHash("sha256").update(content).digest("hex");

/** First 12 hex digits of the SHA-256 of the parts: enough to tell versions of our own files apart. */
export const fingerprint = (...parts: (string | Buffer)[]): string =>
  sha256(Buffer.concat(parts.flatMap((part) => [Buffer.from(part), Buffer.from("\0")]))).slice(0, 12);
