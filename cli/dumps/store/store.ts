import { join } from "node:path";
import type { Destination } from "../../../contracts/stack-file";
import { folderStore } from "./folder";
import { s3Store } from "./s3/s3";
import type { Store } from "./types";

/** The store of a destination; nothing is opened or made before it is used. */
export const storeOf = (destination: Destination): Store =>
  "folder" in destination ? folderStore(destination.folder) : s3Store(destination.s3);

/** A store of its own within that of a destination, whose list does not show it. @param folder a name without a slash */
export const storeWithin = (destination: Destination, folder: string): Store =>
  "folder" in destination
    ? folderStore(join(destination.folder, folder))
    : s3Store({ ...destination.s3, prefix: [destination.s3.prefix, folder].filter((part) => part !== "").join("/") });
