import type { Databases } from "../../../postgres/schema";
import { placed } from "../../../postgres/extensions/extensions";
import { loginsOf } from "../../../postgres/access/logins/rotation";
import { layoutOf } from "../layout";
import { thisMachine } from "../machine";
import { Removals, type RemovalsArgs } from "../resources/postgres";
import type { LocalSettings } from "../schema";

/** What a config has made that may hold data. */
export const heldBy = (databases: Databases): RemovalsArgs["databases"] =>
  Object.fromEntries(
    Object.entries(databases).map(([name, { schemas, removable, applications, extensions }]) => {
      const logins = Object.entries(applications).flatMap(([login, { rotations }]) => loginsOf(login, rotations));
      return [
        name,
        {
          schemas,
          removable,
          logins: logins.map(({ role }) => role).sort(),
          extensions: placed({ extensions }).map((one) => one.name),
        },
      ];
    }),
  );

/** What is known of a stack before anything is made. */
export interface RemovalsInput {
  readonly stack: string;
  readonly postgres: { readonly version: number; readonly replicas: number };
  readonly databases: Databases;
  readonly local: LocalSettings;
}

/**
 * Has the engine ask whether what leaves the config may go. Resolves once it may: what is made afterwards stays untouched by a
 * change that is refused.
 */
export async function removalsAllowed({ stack, postgres, databases, local }: RemovalsInput): Promise<void> {
  const { stateRoot } = thisMachine(postgres.version);
  const { run, nodes } = layoutOf({ stack, settings: local, replicas: postgres.replicas, stateRoot });
  const check = new Removals("removals", {
    servers: nodes.map(({ port }) => ({ socketDirectory: run, port })),
    databases: heldBy(databases),
  });
  await new Promise((resolve) => check.urn.apply(resolve));
}
