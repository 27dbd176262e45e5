import type { z } from "zod";
import { aws } from "../components/platforms/aws/platform";
import { local } from "../components/platforms/local/platform";
import type { CheckedSections, OwnSections, PlatformDefinition } from "../components/ports";

/** Where a stack can run. This is the only place that names platforms: a further one is a folder and a row. */
export const platforms = [local, aws] as const;

type Registered = (typeof platforms)[number];
type Merged<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
/** Schemas of the sections of every platform, by key. */
type Schemas = Merged<Registered["sections"]>;

export type PlatformName = Registered["name"];

/** Sections that belong to platforms, in a config that is not checked yet. */
export type PlatformSections = OwnSections<{ readonly [Key in keyof Schemas]: Schemas[Key] }>;

export const platformNames: readonly PlatformName[] = platforms.map(({ name }) => name);

const definitions: readonly PlatformDefinition[] = platforms;

/** The platform of that name; undefined if there is none. */
export const platformNamed = (name: string | undefined): PlatformDefinition | undefined =>
  definitions.find((one) => one.name === name);

/** The platform that a config names. */
export function definitionOf(name: PlatformName): PlatformDefinition {
  const found = platformNamed(name);
  if (found === undefined) throw new Error(`no platform ${name}: the config was not checked`);
  return found;
}

/** Each section of a platform's own, with the platform that it belongs to. */
export const ownSections = definitions.flatMap((platform) =>
  Object.keys(platform.sections).map((key) => ({ key: key as keyof Schemas, platform })),
);

/** Schemas of the platforms' sections as a config has them: each may be left out, in a stack on another platform. */
export const platformSchemas = Object.fromEntries(
  definitions.flatMap(({ sections }) => Object.entries(sections).map(([key, schema]) => [key, schema.optional()])),
) as { readonly [Key in keyof Schemas]: z.ZodOptional<Schemas[Key]> };

/** The sections of a platform in a config, with the defaults of those that are left out. */
export function sectionsOf(
  { name, sections, required }: PlatformDefinition,
  config: PlatformSections,
): CheckedSections<PlatformDefinition["sections"]> {
  const values = Object.entries(sections).map(([key, schema]) => {
    const value: unknown = Reflect.get(config, key);
    if (value === undefined && required.includes(key))
      throw new Error(`no section ${key} with platform ${name}: the config was not checked`);
    return [key, value ?? schema.parse({})];
  });
  return Object.fromEntries(values) as CheckedSections<PlatformDefinition["sections"]>;
}
