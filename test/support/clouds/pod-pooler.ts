import { poolerFiles } from "../../../components/kubernetes/pooler/files";
import { userlistFile } from "../../../components/pgbouncer/files";
import type { PlatformInput } from "../../../components/ports";
import { routesText } from "../../../contracts/read-routes";
import { startPooler, type ThrowawayPooler } from "../servers/routing/throwaway-pooler";
import type { TlsFolder } from "../servers/postgres/tls-postgres";
import type { ThrowawayPostgres } from "../servers/postgres/throwaway-postgres";
import { clusterSettings, planFor } from "./fake-cloud";
import { onLoopback, podPathsAt } from "./pod-files";

/** The plan of a stack whose pods have addresses of this machine. */
export const planHere = (): PlatformInput =>
  planFor((keys) => (keys["network"] = { allow: [{ cidr: "127.0.0.1/32", reason: "the pods" }] }));

export interface PodPoolerArgs {
  /** Of its files; unique in the folder. */
  readonly name: string;
  /** Reads go to it, too. */
  readonly server: ThrowawayPostgres;
  readonly input: PlatformInput;
}

/** PgBouncer with the files of a pod. It knows every login of the server, so that it has to look up none. */
export async function startPodPooler(
  folder: TlsFolder,
  { name, server, input }: PodPoolerArgs,
): Promise<ThrowawayPooler> {
  const verifiers = await server.sql<{ rolname: string; rolpassword: string }>(
    "postgres",
    "SELECT rolname, rolpassword FROM pg_authid WHERE rolcanlogin AND rolpassword IS NOT NULL AND rolname <> 'howdah_pooler'",
  );
  const known = Object.fromEntries(verifiers.map(({ rolname, rolpassword }) => [rolname, rolpassword]));
  return startPooler(folder, {
    name,
    password: "howdah_pooler",
    render: (scope) => {
      const primary = { host: "localhost", port: server.port };
      const files = poolerFiles(
        { input, settings: clusterSettings() },
        { primary, readTargets: [] },
        podPathsAt(scope),
      );
      return {
        ...files,
        ini: onLoopback(files.ini, scope),
        routes: routesText(files.route, [], 0),
        userlist: (own) => userlistFile(own, known),
      };
    },
  });
}
