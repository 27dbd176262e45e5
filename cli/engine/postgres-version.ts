import { isMap, parseDocument } from "yaml";
import { z } from "zod";
import { isSupported } from "../../contracts/postgres-versions";

const checkpointSchema = z.object({
  checkpoint: z.object({
    latest: z.object({ resources: z.array(z.looseObject({ type: z.string(), inputs: z.unknown().optional() })) }),
  }),
});

const fixedSchema = z.object({ values: z.object({ "howdah:postgres.version": z.coerce.number() }) });

/**
 * Major version that a stack was created with.
 * @param checkpoint text of the stack's state in a file backend
 * @returns undefined before the first `up` has recorded it
 */
export function recordedVersion(checkpoint: string | undefined): number | undefined {
  if (checkpoint === undefined) return undefined;
  const parsed = checkpointSchema.safeParse(JSON.parse(checkpoint));
  const resources = parsed.data?.checkpoint.latest.resources ?? [];
  const fixed = resources.find(({ type }) => type === "host:index:Fixed");
  const version = fixedSchema.safeParse(fixed?.inputs).data?.values["howdah:postgres.version"];
  return version !== undefined && isSupported(version) ? version : undefined;
}

const section = ["config", "howdah:postgres"];

/**
 * The text of a config file with a major version in it.
 * @param version called only if the config names none
 * @returns the same text if it names one, or if it is not readable: what is wrong with it is for the check of the config to say
 */
export function withVersion(text: string, version: () => number): string {
  const document = parseDocument(text);
  const postgres = document.getIn(section);
  const hasNone = postgres === undefined || (isMap(postgres) && !postgres.has("version"));
  if (document.errors.length > 0 || !isMap(document.get("config")) || !hasNone) return text;
  document.setIn([...section, "version"], version());
  return document.toString();
}
