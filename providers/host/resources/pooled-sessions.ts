import type { z } from "zod";
import { pooledSessionsSchema } from "../../../contracts/host-resources/postgres";
import { changedInputs, resource } from "../../runtime/resource";
import { reconnect } from "../routing/pooler-console";

type Inputs = z.output<typeof pooledSessionsSchema>;

/** Databases in which a login that was there before starts its sessions otherwise now. */
export const changedDatabases = (old: Inputs["settings"], news: Inputs["settings"]): string[] =>
  Object.entries(news)
    .filter(([database, logins]) =>
      Object.entries(logins).some(([login, text]) => (old[database]?.[login] ?? text) !== text),
    )
    .map(([database]) => database);

/** Server connections of the pooler: if a login's settings change, they are opened again, and no client sees an error. */
export const pooledSessions = resource<Inputs, Inputs>({
  schema: pooledSessionsSchema,
  diff: (old, news) => changedInputs(old.inputs, news),
  create: async (inputs, context) => {
    // A pooler that an earlier version created may hold sessions of any age.
    await reconnect(inputs.pooler, Object.keys(inputs.settings));
    return { id: context.name, state: inputs };
  },
  read: (old) => Promise.resolve(old.state),
  update: async (old, news, context) => {
    const changed = changedDatabases(old.inputs.settings, news.settings);
    if (changed.length > 0) context.progress(`PgBouncer reconnects to ${changed.join(", ")}`);
    await reconnect(news.pooler, changed);
    return news;
  },
  delete: () => Promise.resolve(),
});
