import { createHash } from "node:crypto";
import { Transform, type TransformCallback } from "node:stream";
import { formatBytes } from "../../lib/text/format";

/** What a meter has seen. */
export interface Measure {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Passes everything on, counts it and hashes it. */
export class Meter extends Transform {
  private readonly hash = createHash("sha256");
  private readonly begun = Date.now();
  private reportedAt = 0;
  private bytes = 0;

  /** @param report receives the progress, such as `12.3 MB, 4.1 MB/s`, at most twice a second */
  constructor(private readonly report: (text: string) => void = () => undefined) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.hash.update(chunk);
    this.bytes += chunk.length;
    const now = Date.now();
    if (now - this.reportedAt >= 500) {
      this.reportedAt = now;
      const seconds = Math.max(0.001, (now - this.begun) / 1000);
      this.report(`${formatBytes(this.bytes)}, ${formatBytes(this.bytes / seconds)}/s`);
    }
    done(null, chunk);
  }

  /** Call once, when everything has passed. */
  measure(): Measure {
    return { bytes: this.bytes, sha256: this.hash.digest("hex") };
  }
}
