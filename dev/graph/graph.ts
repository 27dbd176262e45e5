import type { Registered } from "./recorder";

/** One resource of a graph, as reviewers and checks read it. */
export interface GraphResource {
  readonly type: string;
  /** Pulumi's logical name. */
  readonly name: string;
  /** As registered, the region apart: `${<name>.<property>}` for what another resource computes, `[secret]` for what is secret. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly dependsOn: readonly string[];
  readonly parent?: string;
  /** Its id if it is only read: others made it, and it has no inputs. */
  readonly read?: string;
  /** Where the service has regions. */
  readonly region?: string;
}

/** How Pulumi marks a secret: an object with this key and the value next to it. */
const signature = "4dabf18193072939515e22adb298388d";

type Change = (text: string) => string;

/** The shape of a secret without its values, so that a check still sees a map if there has to be one. */
function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== "object" || value === null) return "[secret]";
  if (signature in value) return masked((value as { value?: unknown }).value);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, masked(one)]),
  );
}

/** A value for everybody's eyes, its keys sorted. */
function shown(value: unknown, change: Change): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((one) => shown(one, change));
  if (typeof value !== "object" || value === null) return value;
  if (signature in value) return masked(value);
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, shown(one, change)]),
  );
}

/** Services of AWS without regions. */
const withoutRegion = /^aws:(iam|route53|budgets)\//;

/** What tells nothing about a stack, and differs from one machine to the next. */
export interface GraphContext {
  /** Region of the stack, of what names none. */
  readonly region: string | undefined;
  /** Folder of the checkout; `.` takes its place. */
  readonly checkout: string;
}

/** The registrations as a graph that is the same in every run: sorted by name, then type. */
export function graphOf(registered: readonly Registered[], { region, checkout }: GraphContext): GraphResource[] {
  const relative: Change = (text) => text.replaceAll(checkout, ".");
  const providers = new Map(
    registered
      .filter(({ type }) => type === "pulumi:providers:aws")
      .map(({ name, inputs }) => [name, inputs["region"]] as const),
  );
  const regionOf = ({ type, inputs, dependsOn }: Registered): string | undefined => {
    if (!type.startsWith("aws:") || withoutRegion.test(type)) return undefined;
    const provider = dependsOn.find((name) => providers.has(name));
    const found = inputs["region"] ?? (provider === undefined ? undefined : providers.get(provider));
    return typeof found === "string" ? found : region;
  };
  return registered
    .map((one): GraphResource => {
      const at = regionOf(one);
      // Shown once: a check by an older provider knows no such input.
      const inputs = at === undefined ? one.inputs : { ...one.inputs, region: undefined };
      return {
        type: one.type,
        name: one.name,
        ...(one.parent === undefined ? {} : { parent: one.parent }),
        ...(at === undefined ? {} : { region: at }),
        ...(one.read === undefined ? {} : { read: one.read }),
        inputs: shown(inputs, relative) as Record<string, unknown>,
        dependsOn: [...one.dependsOn].sort(),
      };
    })
    .sort((a, b) => (`${a.name} ${a.type}` < `${b.name} ${b.type}` ? -1 : 1));
}

/** Names that two resources of AWS share: a reference would not say whose property it is. */
export function sharedNames(resources: readonly GraphResource[]): string[] {
  const names = resources.filter(({ type }) => type.startsWith("aws:")).map(({ name }) => name);
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
}

/** The text of a graph file. */
export const graphText = (resources: readonly GraphResource[]): string =>
  `${JSON.stringify({ resources }, undefined, 2)}\n`;
