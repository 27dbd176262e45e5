import { join } from "node:path";
import { paths as podPaths, ports } from "../../../components/kubernetes/kit/image";
import type { Render } from "../servers/routing/throwaway-pooler";

type Place = Parameters<Render>[0];

/** Where a pod's files are for a pooler of a test, which has folders of its own. */
export const podPathsAt = ({ paths }: Pick<Place, "paths">): typeof podPaths =>
  ({
    ...podPaths,
    hba: paths.hba,
    userlist: paths.userlist,
    authorities: paths.ca,
    certificate: paths.certificate,
    certificateKey: paths.key,
    run: paths.socketDirectory,
    routes: join(paths.socketDirectory, "routes.ini"),
  }) as typeof podPaths;

/** A pod's pgbouncer.ini with an address of this machine's: here pods share one. */
export const onLoopback = (ini: string, { port }: Pick<Place, "port">): string =>
  ini
    .replace("listen_addr = *", "listen_addr = 127.0.0.1")
    .replace(`listen_port = ${ports.pooler}`, `listen_port = ${port}`);
