import type * as pulumi from "@pulumi/pulumi";
import { largeObjectScript } from "../../../../postgres/access/large-objects";
import { type Layout, socketsOf } from "../../layout";
import { Script } from "../../resources/postgres";

/** Databases that initdb makes: new ones are copied from the first, and everybody's tools meet in the second. */
export const initialDatabases = ["template1", "postgres"] as const;

/**
 * Denies large objects to logins that may not write, in each database.
 * @param databases of the configuration, or `initialDatabases`
 */
export const largeObjects = (
  name: string,
  { layout, databases }: { readonly layout: Layout; readonly databases: readonly string[] },
  options: pulumi.ComponentResourceOptions,
): Script[] => {
  const servers = socketsOf(layout);
  const isInitial = (database: string): boolean => (initialDatabases as readonly string[]).includes(database);
  return databases.map((database) => {
    const script = largeObjectScript(isInitial(database) ? undefined : database);
    return new Script(`${name}-${database}`, { servers, database, ...script }, options);
  });
};
