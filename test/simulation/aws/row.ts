import { createHash } from "node:crypto";
import type { Properties } from "../../../providers/runtime/resource";
import type { Thing, World } from "../world";

/** What a row may use to compute a thing's properties. */
export interface Facts {
  readonly inputs: Properties;
  /** The physical name; empty if the type has none. */
  readonly name: string;
  readonly account: string;
  readonly region: string;
  /** Random, and the same as long as the thing lives: lower-case hexadecimal. */
  readonly hex: (digits: number) => string;
  /** Random upper-case letters and digits, 26 of them, as RDS has it. */
  readonly resourceId: string;
  readonly uuid: string;
  /** ARN in the thing's region and account. */
  readonly arn: (service: string, resource: string) => string;
  /** ARN in the account, without a region. */
  readonly globalArn: (service: string, resource: string) => string;
  readonly world: World;
  /** The same account and region always get the same one. */
  readonly endpointWord: string;
}

/** One AWS resource type; every key but the computed properties has a default. */
export interface Row {
  /** Property that holds the physical name; made up if the program gives none. */
  readonly name?: string;
  /** Properties whose change needs a new thing, in addition to the region; the provider's schema has them as `ForceNew`. */
  readonly replacing?: readonly string[];
  /** Default: the physical name. */
  readonly id?: (facts: Facts) => string;
  /** What the service fills in where the program says nothing. */
  readonly defaults?: (facts: Facts) => Properties;
  /** What the service alone computes. */
  readonly computed?: (facts: Facts) => Properties;
  /** True if a property that differs is left as it is: the service changes it by itself. */
  readonly accepts?: (property: string, state: Properties, news: Properties) => boolean;
  /** True for services without regions. */
  readonly global?: boolean;
  /** What else the service does once the thing is made or changed. */
  readonly made?: (facts: Facts) => void;
  readonly refusal?: (facts: Facts, old: Thing | undefined) => string | undefined;
  readonly deletionRefusal?: (thing: Thing, world: World) => string | undefined;
}

export type Rows = Readonly<Record<string, Row>>;

const base36 = (text: string): string => BigInt(`0x${text}`).toString(36);

/** Builds the facts of a thing. */
export function factsOf(
  row: Row,
  inputs: Properties,
  surroundings: Pick<Facts, "account" | "region" | "world"> & { readonly seed: string },
): Facts {
  const { account, region, world, seed } = surroundings;
  const endless = createHash("sha512").update(seed).digest("hex");
  const [a, b, c, d, e] = [endless.slice(0, 8), endless.slice(8, 12), endless.slice(12, 16), endless.slice(16, 20), endless.slice(20, 32)]; // prettier-ignore
  const sum = createHash("sha256").update(`${account} ${region}`).digest("hex");
  return {
    inputs,
    name: row.name === undefined ? "" : text(inputs[row.name]),
    account,
    region,
    world,
    hex: (digits) => endless.slice(0, digits),
    resourceId: base36(endless).toUpperCase().slice(0, 26),
    uuid: `${a}-${b}-${c}-${d}-${e}`,
    arn: (service, resource) => `arn:aws:${service}:${region}:${account}:${resource}`,
    globalArn: (service, resource) => `arn:aws:${service}::${account}:${resource}`,
    endpointWord: `c${base36(sum).slice(0, 11)}`,
  };
}

/** A string input; empty if there is none. */
export const text = (value: unknown): string => (typeof value === "string" ? value : "");
