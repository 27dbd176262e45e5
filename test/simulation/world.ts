import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Properties } from "../../providers/runtime/resource";

/** Environment variable that names the folder of the simulated world. */
export const worldVariable = "HOWDAH_SIMULATION";

/** One resource of the simulated world. */
export interface Thing {
  readonly type: string;
  readonly id: string;
  /** Logical name of the resource that made it. */
  readonly name: string;
  /** Region or other place; the same id may exist once in each. */
  readonly place: string;
  /** What every computed property is made of; stays as long as the thing does. */
  readonly seed: string;
  readonly state: Properties;
}

type Key = Pick<Thing, "type" | "id" | "place">;

/**
 * What exists, as one JSON file per thing: several plugin processes share it without a lock, and a test that edits a file
 * has changed the world behind the engine's back.
 */
export class World {
  /** @param root folder of the whole world; what is made here goes to `things` */
  constructor(readonly root: string) {}

  /** The world that the environment names; throws if it names none. */
  static ofEnvironment(): World {
    const root = process.env[worldVariable] ?? "";
    if (root === "") throw new Error(`a simulated plugin needs ${worldVariable}, the folder of its world`);
    return new World(root);
  }

  put(thing: Thing): void {
    writeWhole(this.file(thing), JSON.stringify(thing, undefined, 2));
  }

  get(key: Key): Thing | undefined {
    return thingAt(this.file(key));
  }

  remove(key: Key): void {
    rmSync(this.file(key), { force: true });
  }

  /** Everything of a type, or everything. */
  all(type?: string): Thing[] {
    const folder = join(this.root, "things");
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .flatMap((name) => thingAt(join(folder, name)) ?? [])
      .filter((thing) => type === undefined || thing.type === type);
  }

  /** The one thing of a type that a resource of this logical name has made; throws unless there is one. */
  one(type: string, name: string): Thing {
    const found = this.all(type).filter((thing) => thing.name === name);
    const [thing] = found;
    if (thing === undefined || found.length > 1) throw new Error(`${found.length} things are ${type} ${name}`);
    return thing;
  }

  /** Changes a thing behind the engine's back. */
  edit(type: string, name: string, change: Properties): void {
    const thing = this.one(type, name);
    this.put({ ...thing, state: { ...thing.state, ...change } });
  }

  /** File of an object in a simulated bucket; written by whoever wants it there. */
  objectFile(bucket: string, key: string): string {
    return join(this.root, "objects", bucket, ...key.split("/"));
  }

  putObject(bucket: string, key: string, body: string): void {
    writeWhole(this.objectFile(bucket, key), body);
  }

  private file({ type, id, place }: Key): string {
    const sum = createHash("sha256")
      .update(JSON.stringify([type, place, id]))
      .digest("hex")
      .slice(0, 16);
    return join(this.root, "things", `${type.split(":").at(-1) ?? ""}-${sum}.json`);
  }
}

/** The thing in a file; undefined if there is none, or none any more: another process may remove what this one has seen. */
function thingAt(path: string): Thing | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Thing;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Written next to its place and moved there: no reader sees half a file. */
export function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, text, { mode: 0o600 });
  renameSync(fresh, path);
}
