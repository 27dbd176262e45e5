import { nearest, type Problem } from "../../../lib/values";
import type { DatabaseSettings, Databases, PostgresSection } from "../schema";
import { type AwsService, catalogue, entryOf } from "./catalogue";
import { extensionsSchema, isAudited, schedulers } from "./extensions";

type Chosen = DatabaseSettings["extensions"][number];

const hint = (name: string): string => {
  const guess = nearest(name, Object.keys(catalogue));
  return guess === undefined ? "" : ` (did you mean "${guess}"?)`;
};

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");

/** What is wrong with the schema of an extension; undefined if nothing is. */
function misplaced({ name, schema }: Chosen, schemas: readonly string[]): string | undefined {
  const place = entryOf(name)?.place;
  if (schema === undefined || place === undefined) return undefined;
  if (place === "any")
    return [...schemas, extensionsSchema].includes(schema)
      ? undefined
      : `found schema "${schema}" for ${name}; allowed: ${quoted([...schemas, extensionsSchema])}`;
  const only = place === "pg_catalog" ? place : extensionsSchema;
  const reason =
    place === "pg_catalog"
      ? "it has no other place"
      : "its script runs as a superuser and cannot be moved: in a schema of the database's owner it could call the owner's functions";
  return schema === only ? undefined : `found schema "${schema}" for ${name}; allowed: "${only}", because ${reason}`;
}

function messageOf(chosen: Chosen, index: number, settings: DatabaseSettings): string | undefined {
  const { name } = chosen;
  if (entryOf(name) === undefined)
    return `"${name}" is not in howdah's catalogue of extensions${hint(name)}; allowed: ${Object.keys(catalogue).join(", ")}`;
  if (settings.extensions.findIndex((one) => one.name === name) < index) return `"${name}" is listed twice`;
  return misplaced(chosen, settings.schemas);
}

function schedulerProblems(databases: Databases): Problem[] {
  const [first = "", ...others] = schedulers(databases);
  return others.map((name) => ({
    path: ["databases", name, "extensions"],
    message: `found pg_cron, which database "${first}" has already; allowed in one database of a server: schedule jobs for others there, with cron.schedule_in_database`,
  }));
}

/** Extensions that the catalogue does not have, that are in the wrong schema, or that only one database may have. */
export const extensionProblems = (databases: Databases): Problem[] => [
  ...Object.entries(databases).flatMap(([database, settings]) =>
    settings.extensions.flatMap((chosen, index) => {
      const message = messageOf(chosen, index, settings);
      return message === undefined ? [] : [{ path: ["databases", database, "extensions", index], message }];
    }),
  ),
  ...schedulerProblems(databases),
];

/**
 * A parameter of pgaudit without pgaudit: the server would keep it, and log nothing.
 * @param databases with the extensions that they have without naming them (`withDemanded`)
 */
export const auditProblems = (parameters: PostgresSection["parameters"], databases: Databases): Problem[] =>
  parameters["pgaudit.log"] === undefined || isAudited(databases)
    ? []
    : [
        {
          path: ["postgres", "parameters", "pgaudit.log"],
          message: `found ${JSON.stringify(parameters["pgaudit.log"])}, but no server loads pgaudit; allowed with the extension pgaudit in a database, or with howdah:compliance hipaa`,
        },
      ];

/** An engine of AWS. */
export interface AwsEngine {
  readonly service: AwsService;
  /** Major and minor version, such as "15.14". */
  readonly version: string;
}

/** Why the engine does not have an extension, and what is allowed instead; undefined if it has it. */
function missingOnAws(name: string, { service, version }: AwsEngine): string | undefined {
  const entry = entryOf(name);
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const since = entry?.aws?.[service][major] ?? 0;
  if (entry === undefined || (entry.aws !== undefined && minor >= since)) return undefined;
  const allowed =
    entry.aws === undefined ? "on another platform" : `from howdah:aws.engineVersion "${major}.${since}" on`;
  return `found "${name}", which ${service} ${version} does not have; allowed: ${allowed}`;
}

/** Extensions that the engine does not have. */
export const awsExtensionProblems = (databases: Databases, engine: AwsEngine): Problem[] =>
  Object.entries(databases).flatMap(([database, { extensions }]) =>
    extensions.flatMap(({ name }, index) => {
      const message = missingOnAws(name, engine);
      return message === undefined ? [] : [{ path: ["databases", database, "extensions", index], message }];
    }),
  );
