import type { complianceProfiles } from "../../compliance/rule";
import type { DatabaseSettings, Databases } from "../schema";
import { usualAudit } from "./audit";
import { entryOf } from "./catalogue";

/** Schema that howdah makes for extensions in each database: only the administrator and superusers create anything in it. */
export const extensionsSchema = "extensions";

type Chosen = DatabaseSettings["extensions"][number];
type Compliance = (typeof complianceProfiles)[number];

/** An extension of a database, with its place. */
export interface PlacedExtension {
  readonly name: string;
  readonly schema: string;
}

/** Where an extension goes that the config does not place. */
const usualSchema = (name: string): string => (entryOf(name)?.place === "pg_catalog" ? "pg_catalog" : extensionsSchema);

/** The extensions of a database that have objects there, by name. */
export const placed = ({ extensions }: Pick<DatabaseSettings, "extensions">): PlacedExtension[] =>
  extensions
    .filter(({ name }) => entryOf(name)?.libraryOnly !== true)
    .map(({ name, schema }) => ({ name, schema: schema ?? usualSchema(name) }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));

/** Those that a compliance profile asks for. */
export const demanded = (compliance: Compliance | undefined): readonly string[] =>
  compliance === "hipaa" ? ["pgaudit"] : [];

/**
 * A config's databases with the extensions that it has without naming them.
 * @param everywhere those that the platform has in every database
 */
export function withDemanded(
  databases: Databases,
  compliance: Compliance | undefined,
  everywhere: readonly string[],
): Databases {
  const completed = (chosen: readonly Chosen[]): Chosen[] => {
    const names = chosen.map(({ name }) => name);
    return [
      ...chosen,
      ...[...everywhere, ...demanded(compliance)].flatMap((name) => (names.includes(name) ? [] : [{ name }])),
    ];
  };
  return Object.fromEntries(
    Object.entries(databases).map(([name, settings]) => [
      name,
      { ...settings, extensions: completed(settings.extensions) },
    ]),
  );
}

/** Whether unqualified names of logins resolve in howdah's schema, too: if the config has put an extension there that is used in SQL. */
export const isOnPath = (settings: Pick<DatabaseSettings, "extensions">): boolean =>
  placed(settings).some(({ name, schema }) => schema === extensionsSchema && entryOf(name)?.library === undefined);

const namesIn = (databases: Databases): string[] =>
  Object.values(databases).flatMap(({ extensions }) => extensions.map(({ name }) => name));

/** Names of the databases with pg_cron, whose worker reads the jobs of one. */
export const schedulers = (databases: Databases): string[] =>
  Object.entries(databases)
    .filter(([, { extensions }]) => extensions.some(({ name }) => name === "pg_cron"))
    .map(([name]) => name);

/** The list of `shared_preload_libraries`: sorted, each once, that of pg_stat_statements always. @param more in addition to those of the names */
export function preloadList(names: readonly string[], more: readonly string[] = []): string[] {
  const own = names.flatMap((name) => entryOf(name)?.library ?? []);
  return [...new Set(["pg_stat_statements", ...own, ...more])].sort();
}

/** Whether the servers load pgaudit. */
export const isAudited = (databases: Databases): boolean => namesIn(databases).includes("pgaudit");

/** Defaults of parameters that the libraries of the databases' extensions have, and that a config may override. */
export const extensionDefaults = (databases: Databases): Record<string, string> =>
  isAudited(databases) ? { "pgaudit.log": usualAudit } : {};

/** Server parameters that follow from the extensions of all databases, in PostgreSQL's notation. No config overrides them. */
export function extensionParameters(databases: Databases): Record<string, string> {
  const [scheduler] = schedulers(databases);
  return {
    shared_preload_libraries: preloadList(namesIn(databases)).join(","),
    // Values are the users' data.
    ...(isAudited(databases) ? { "pgaudit.log_parameter": "off" } : {}),
    // Workers of the server: a job that logs in would need a password, and the servers take none over the loopback address without TLS.
    ...(scheduler === undefined ? {} : { "cron.database_name": scheduler, "cron.use_background_workers": "on" }),
  };
}
