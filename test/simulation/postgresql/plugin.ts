import { postgresqlPlugin } from "../../../providers/offline/postgresql/plugin";
import type { Plugin } from "../../../providers/plugin/resource";

/** Environment variable with JSON: what takes the place of the provider's own settings for the way to the server. */
export const serverVariable = "HOWDAH_SIMULATION_POSTGRES";

/**
 * The stand-in of the `postgresql` plugin, led to a throwaway server: the endpoints of simulated servers lead nowhere, and no
 * server of a test has a certificate of Amazon's.
 */
export function ledPostgresqlPlugin(): Plugin {
  const plugin = postgresqlPlugin();
  return {
    ...plugin,
    configure: async (config) => {
      const way = JSON.parse(process.env[serverVariable] ?? "{}") as object;
      await plugin.configure?.({ ...config, ...way });
    },
  };
}
