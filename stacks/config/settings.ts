import { z } from "zod";
import { backupSchema } from "../../components/backup/schema";
import { complianceProfiles } from "../../components/compliance/rule";
import { monitoringSchema } from "../../components/monitoring/schema";
import { networkSchema } from "../../components/network/schema";
import { poolerSchema } from "../../components/pgbouncer/schema";
import { withDemanded } from "../../components/postgres/extensions/extensions";
import {
  databasesSchema,
  objectivesSchema,
  postgresSchema,
  type PostgresSettings,
} from "../../components/postgres/schema";
import type { Problem } from "../../lib/values";
import { definitionOf, platformNames, platformSchemas, sectionsOf } from "../platforms";
import { controlProblems } from "./control-characters";
import { ConfigError } from "./error";
import { keysOfFile } from "./keys";
import { issueProblems } from "./messages";
import { sectionProblems } from "./rules";
import type { Sections } from "./sections";
import { sizedPostgres } from "./sizes";
import { isRecord } from "../../lib/values";

/** Each key of `Pulumi.<stack>.yaml` under the namespace `howdah:`, and its schema; in the order of the files. */
const sections = {
  platform: z.enum(platformNames).describe("Where the stack runs."),
  compliance: z
    .enum(complianceProfiles)
    .default("none")
    .describe("Minimums that the rest of the config cannot loosen; each error names its rule."),
  objectives: objectivesSchema.prefault({}),
  postgres: postgresSchema.prefault({}),
  pooler: poolerSchema.prefault({}),
  databases: databasesSchema,
  network: networkSchema.prefault({}),
  backup: backupSchema.prefault({}),
  monitoring: monitoringSchema.prefault({}),
  ...platformSchemas,
};

/** The whole config; strict at every level. The cross-field rules are in `rules.ts`. */
export const settingsSchema = z.strictObject(sections);

/** A config that was checked, every default filled in. It has the sections of its own platform, and of no other. */
export type Settings = z.output<typeof settingsSchema> & { readonly postgres: PostgresSettings };

/** Parses a section without unknown keys: a misspelt one is reported anyway, and hides no other problem. */
function parseKnown(schema: z.ZodType, value: unknown): z.ZodSafeParseResult<unknown> {
  const result = schema.safeParse(value);
  if (result.success || !isRecord(value)) return result;
  const unknown = result.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" && issue.path.length === 0 ? issue.keys : [],
  );
  return schema.safeParse(Object.fromEntries(Object.entries(value).filter(([key]) => !unknown.includes(key))));
}

/** The sections that are right in themselves: rules that need only these still run if another one is broken. */
function validSections(raw: unknown, stack: string | undefined): Sections {
  const values = isRecord(raw) ? raw : {};
  const parsed = Object.entries(sections).map(([key, schema]) => [key, parseKnown(schema, values[key])] as const);
  const valid = Object.fromEntries(parsed.flatMap(([key, result]) => (result.success ? [[key, result.data]] : [])));
  return stack === undefined ? valid : { ...valid, stack };
}

/** In the order of the file; unknown sections come first. */
const inOrder = (problems: readonly Problem[]): Problem[] => {
  const order = Object.keys(sections);
  return problems.toSorted((left, right) => order.indexOf(String(left.path[0])) - order.indexOf(String(right.path[0])));
};

/**
 * Checks a config and fills in its defaults.
 * @param raw the keys of the namespace `howdah`, without the prefix
 * @param stack name of the stack; without it, names that follow from it are not checked
 * @returns the settings
 * @throws ConfigError listing every problem: of shape, of range, and of the rules between sections
 */
export function parseSettings(raw: unknown, stack?: string): Settings {
  const result = settingsSchema.safeParse(raw);
  const issues = result.success ? [] : issueProblems(settingsSchema, raw, result.error.issues);
  const valid = validSections(raw, stack);
  const problems = inOrder([...issues, ...controlProblems(valid), ...sectionProblems(valid)]);
  if (!result.success || problems.length > 0) throw new ConfigError(problems);
  const postgres = sizedPostgres(result.data);
  if (postgres === undefined) throw new Error("a server without a size passed every rule");
  const { platform, compliance } = result.data;
  const databases = withDemanded(result.data.databases, compliance, definitionOf(platform).defaults.extensions);
  return { ...result.data, postgres, databases, ...sectionsOf(definitionOf(result.data.platform), result.data) };
}

/**
 * The settings in the text of a config file, as the program would get them from the engine.
 * @throws ConfigError listing every problem, and an error of the library if the text is not valid YAML
 */
export const settingsIn = (text: string, stack?: string): Settings => parseSettings(keysOfFile(text), stack);
