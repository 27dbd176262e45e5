import type { Readable } from "node:stream";

/** One object of a store. */
export interface Stored {
  readonly name: string;
  readonly bytes: number;
  readonly writtenAt: Date;
}

/** What is to be written. */
export interface Content {
  readonly data: Readable;
  /** A guess, rather too high than too low; decides how an upload is cut. Default: small. */
  readonly expectedBytes?: number;
  /** Media type, where the store keeps one. */
  readonly type?: string;
}

/** A flat set of named objects, in a folder or a bucket. Errors say where and why, and hold no secret. */
export interface Store {
  /** For messages: the folder, or `s3://bucket/prefix`. */
  describe(): string;
  /** Writes all or nothing: an object that is there is whole. Rejects with the error of `data` if that fails. */
  write(name: string, content: Content): Promise<void>;
  /** Rejects if there is no such object; the stream fails if it cannot be read to its end. */
  read(name: string): Promise<Readable>;
  list(): Promise<Stored[]>;
  /** No error if there is none. */
  remove(name: string): Promise<void>;
  /** Removes what killed writers have left behind long ago, seen from `now`, and returns the names. */
  removeUnfinished(now: Date): Promise<string[]>;
}
