import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { answerOf, foundOf, pathsOf, referenceTo } from "./computed";

/** One resource as the engine would hear of it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  /** Secrets are still wrapped. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Names of the resources that it waits for. */
  readonly dependsOn: readonly string[];
  readonly parent: string | undefined;
  /** Name of its explicit provider. */
  readonly provider: string | undefined;
  /** Its id if it is only read: others made it. */
  readonly read?: string;
}

/** What the monitor is asked and `MockResourceArgs` does not tell. */
interface Request {
  getParent(): string;
  /** `<urn>::<id>`, or empty. */
  getProvider(): string;
  getDependenciesList(): string[];
  getAdditionalsecretoutputsList(): string[];
}

const nameOf = (urn: string): string | undefined => (urn === "" ? undefined : urn.split("::")[3]);

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null;

/** Puts a value at a path, unless something is there: what the program gives is not computed. */
function fill(at: Tree, path: readonly string[], value: unknown): void {
  const [key = "", ...rest] = path;
  if (rest.length === 0) {
    at[key] ??= value;
    return;
  }
  at[key] ??= /^\d+$/.test(rest[0] ?? "") ? [] : {};
  const inner = at[key];
  if (isTree(inner)) fill(inner, rest, value);
}

/** The outputs of a resource: its inputs, and references in the place of what it computes. */
export function outputsOf(type: string, name: string, inputs: Readonly<Tree>): Tree {
  const state = structuredClone(inputs) as Tree;
  for (const path of pathsOf(type)) fill(state, path.split("."), referenceTo(type, name, path));
  return state;
}

class Recorder implements pulumi.runtime.Mocks {
  readonly registered: Registered[] = [];
  /** What has no row. Told at the end: the SDK leaves an unhandled promise if the engine refuses something. */
  readonly unknown: string[] = [];

  /** @param request what the monitor was asked last: it calls `newResource` at once */
  constructor(private readonly request: () => Request) {}

  newResource({ type, name, inputs, id = "" }: pulumi.runtime.MockResourceArgs): pulumi.runtime.MockResourceResult {
    const tree = inputs as Tree;
    const request = this.request();
    const provider = nameOf(request.getProvider());
    const waitsFor = [...request.getDependenciesList().map(nameOf), provider];
    const dependsOn = [...new Set(waitsFor)].filter((one) => one !== undefined && one !== name) as string[];
    const registered = { type, name, inputs: tree, dependsOn, parent: nameOf(request.getParent()), provider };
    this.registered.push(id === "" ? registered : { ...registered, read: id });
    const secret = new Set(request.getAdditionalsecretoutputsList());
    const outputs = Object.entries(
      this.known(() => (id === "" ? outputsOf(type, name, tree) : foundOf(type, name))),
    ).map(([key, value]) => [key, secret.has(key) ? pulumi.secret(value) : value] as const);
    const made = type.startsWith("howdah:") ? "" : `\${${name}.id}`;
    return { id: id === "" ? made : id, state: Object.fromEntries(outputs) };
  }

  call({ token }: pulumi.runtime.MockCallArgs): Record<string, unknown> {
    return this.known(() => answerOf(token));
  }

  private known(find: () => Tree): Tree {
    try {
      return find();
    } catch (error) {
      this.unknown.push(error instanceof Error ? error.message : String(error));
      return {};
    }
  }
}

/** Has `note` told of each registration and read, as the mocks are not told all of it; returns what undoes that. */
function watchRegistrations(note: (request: Request) => void): () => void {
  const undo = (["registerResource", "readResource"] as const).map((method) => {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the monitor below
    const original = MockMonitor.prototype[method];
    const watched: typeof original = function (this: MockMonitor, request: unknown, callback: unknown) {
      note(request as Request);
      return original.call(this, request, callback as Parameters<typeof original>[1]);
    };
    MockMonitor.prototype[method] = watched;
    return () => {
      MockMonitor.prototype[method] = original;
    };
  });
  return () => {
    for (const one of undo) one();
  };
}

/**
 * Runs a program against a stand-in of the engine, and gives what it registers.
 * @param program makes resources, and throws if the settings are wrong
 * @throws if a resource type or data source has no row, and where the program fails in a part that waits for others
 */
export async function record(stack: string, program: () => unknown): Promise<readonly Registered[]> {
  let last: Request | undefined;
  const recorder = new Recorder(() => {
    if (last === undefined) throw new Error("the monitor was never called");
    return last;
  });
  const late: unknown[] = [];
  const keep = (error: unknown): void => void late.push(error);
  const unwatch = watchRegistrations((request) => (last = request));
  process.on("unhandledRejection", keep);
  try {
    await pulumi.runtime.setMocks(recorder, "howdah", stack, false);
    program();
    // Registrations that wait for others come one after the other.
    await pulumi.runtime.disconnect();
    await new Promise(setImmediate);
  } finally {
    unwatch();
    process.off("unhandledRejection", keep);
  }
  if (recorder.unknown.length > 0) throw new Error([...new Set(recorder.unknown)].join("\n"));
  if (late.length > 0) throw late[0];
  return recorder.registered;
}
