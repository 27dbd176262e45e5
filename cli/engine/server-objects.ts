import { z } from "zod";

const resourceSchema = z.looseObject({
  urn: z.string(),
  type: z.string(),
  dependencies: z.array(z.string()).nullish(),
  propertyDependencies: z.record(z.string(), z.array(z.string()).nullable()).nullish(),
  deletedWith: z.string().optional(),
});

const exportSchema = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(resourceSchema).nullish(),
    pending_operations: z.array(z.unknown()).nullish(),
  }),
});

/** An export of the engine's state. */
export type StateExport = z.output<typeof exportSchema>;

/** Reads what `pulumi stack export` prints. */
export const readExport = (text: string): StateExport => exportSchema.parse(JSON.parse(text));

/** Of the machine's resources, those that work inside PostgreSQL or PgBouncer. */
const ownServerObjects: readonly string[] = ["Script", "PooledSessions", "Removals"].map(
  (name) => `host:index:${name}`,
);

const isServerObject = (type: string): boolean =>
  type.startsWith("postgresql:") || type === "pulumi:providers:postgresql" || ownServerObjects.includes(type);

/**
 * The state without roles, databases, grants and SQL of ours, and without operations that a killed run has left open. These objects live
 * inside the server: they go with it, and cannot be dropped one by one when no server answers any more.
 */
export function withoutServerObjects(state: StateExport): StateExport {
  const resources = state.deployment.resources ?? [];
  const gone = new Set(resources.filter(({ type }) => isServerObject(type)).map(({ urn }) => urn));
  const stays = (urn: string): boolean => !gone.has(urn);
  const kept = resources
    .filter(({ urn }) => stays(urn))
    .map(({ deletedWith, dependencies, propertyDependencies, ...rest }) => ({
      ...rest,
      ...(deletedWith === undefined || gone.has(deletedWith) ? {} : { deletedWith }),
      ...(dependencies == null ? {} : { dependencies: dependencies.filter(stays) }),
      ...(propertyDependencies == null ? {} : { propertyDependencies: filterValues(propertyDependencies, stays) }),
    }));
  return { ...state, deployment: { ...state.deployment, resources: kept, pending_operations: [] } };
}

const filterValues = (
  lists: Record<string, string[] | null>,
  stays: (urn: string) => boolean,
): Record<string, string[]> =>
  Object.fromEntries(Object.entries(lists).map(([key, urns]) => [key, (urns ?? []).filter(stays)]));
