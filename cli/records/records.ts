import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { z } from "zod";
import { drillFolder, recordObject } from "../../contracts/drill-record";
import type { RemoteStackFile } from "../../contracts/stack-file";
import { Missing } from "../dumps/store/missing";
import { storeWithin } from "../dumps/store/store";
import type { Store } from "../dumps/store/types";

/** What jobs leave in addition to the dumps, since a container keeps nothing: how each kind of dump last went, and the drills. */
export type RecordKind = "runs" | typeof drillFolder;

export const recordsOf = ({ logical }: Pick<RemoteStackFile, "logical">, kind: RecordKind): Store =>
  storeWithin(logical.destination, kind);

/** Writes one record, instead of the one of that name. */
export const writeRecord = (store: Store, name: string, value: object): Promise<void> =>
  store.write(recordObject(name), {
    data: Readable.from([Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`)]),
    type: "application/json",
  });

/** Names of all records. */
export const recordNames = async (store: Store): Promise<string[]> =>
  (await store.list()).flatMap(({ name }) => (name.endsWith(".json") ? [name.slice(0, -".json".length)] : []));

/** A record; undefined if there is none, or one of another form. Rejects if the store cannot be read. */
export async function readRecord<T>(store: Store, name: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.safeParse(JSON.parse(await text(await store.read(recordObject(name))))).data;
  } catch (error) {
    if (error instanceof Missing || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
