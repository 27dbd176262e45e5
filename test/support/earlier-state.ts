import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { checkout } from "../../lib/paths";
import type { EngineStack } from "./engine-stack";

/** A resource as `pulumi stack export` writes it. */
export interface RecordedResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  /** True if others made it. */
  readonly external?: boolean;
  readonly inputs?: Record<string, unknown>;
  readonly outputs?: Record<string, unknown>;
  readonly refreshBeforeUpdate?: boolean;
}

/** What `pulumi stack export` wrote, by an earlier commit. */
export interface EarlierState {
  readonly deployment: { readonly resources: readonly RecordedResource[] };
}

/** Passphrase of the secrets in the fixtures. */
export const passphrase = "of a test";

/** The fixture of that name; see `test/e2e/fixtures/README.md`. */
export function earlierState(name: string): EarlierState {
  const packed = readFileSync(join(checkout, "test", "e2e", "fixtures", `${name}.json.gz`));
  return JSON.parse(gunzipSync(packed).toString("utf8").replaceAll("@checkout@", checkout)) as EarlierState;
}

/** The state with another one of each resource. */
export const withResources = (
  { deployment, ...rest }: EarlierState,
  change: (resource: RecordedResource) => RecordedResource,
): EarlierState => ({ ...rest, deployment: { ...deployment, resources: deployment.resources.map(change) } });

/** Marks that have the engine look at the world before it compares: here there is none, and the record is what counts. */
const unread = (resource: RecordedResource): RecordedResource => ({ ...resource, refreshBeforeUpdate: false });

/**
 * Makes the state that of a stack.
 * @param folder for the file with it
 */
export async function adopt(stack: EngineStack, state: EarlierState, folder: string): Promise<void> {
  const file = join(folder, "earlier-state.json");
  writeFileSync(file, JSON.stringify(withResources(state, unread)), { mode: 0o600 });
  const { code, output } = await stack.pulumi("stack", "import", "--file", file);
  if (code !== 0) throw new Error(`stack import failed (${code}):\n${output}`);
}

/** What an `up` would do to the stack, by resource: operation, name, and properties that differ; sorted. */
export async function changesOf(stack: EngineStack): Promise<string[]> {
  const steps = await stack.preview();
  return steps
    .map(({ op, urn, detailedDiff }) => {
      const properties = Object.keys(detailedDiff ?? {}).sort();
      return `${op} ${urn.split("::")[3] ?? ""}${properties.length === 0 ? "" : `: ${properties.join(", ")}`}`;
    })
    .sort();
}

/** Changes that may lose something: all that neither make nor change a resource. */
export const losses = (changes: readonly string[]): string[] =>
  changes.filter((line) => !/^(create|update) /.test(line));
