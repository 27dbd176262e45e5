import type { Readable } from "node:stream";
import { MB } from "./units";

/** Enough for every answer of a server of ours. */
const usualLimit = 16 * MB;

/**
 * The whole text of a stream. Who answers may be anybody who has taken the port or the socket, and never stop.
 * @param limit bytes. Default 16 MB
 * @throws where there is more; the stream is then closed
 */
export async function textOf(stream: Readable, limit = usualLimit): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new Error(`the answer has more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
