import { serversUp, serversWithheld, setServerState } from "./haproxy";

/** HAProxy in front of a cluster. */
export interface Router {
  /** Runtime socket. */
  readonly socket: string;
  /** Backend that follows the primary. */
  readonly backend: string;
  /** Backend of the replicas, where there is one. */
  readonly readBackend?: string | undefined;
}

const none = (): string[] => [];

/** True once read-write connections reach `member` and read-only ones do not: HAProxy notices each in its own time. */
export async function leads(router: Router | undefined, member: string): Promise<boolean> {
  if (router === undefined) return true;
  const { socket, backend, readBackend } = router;
  if ((await serversUp(socket, backend).catch(none)).join() !== member) return false;
  return readBackend === undefined || !(await serversUp(socket, readBackend).catch(none)).includes(member);
}

/** Replicas that get no reads although nothing is wrong with them: a run that was killed may have left them so. */
export async function withheld(router: Router | undefined): Promise<string[]> {
  return router?.readBackend === undefined ? [] : serversWithheld(router.socket, router.readBackend).catch(none);
}

export async function readmit(router: Router | undefined, members: readonly string[]): Promise<void> {
  for (const member of members) await setState(router, member, "ready");
}

/** Sends no new reads to a replica. */
export const withhold = (router: Router | undefined, member: string): Promise<void> =>
  setState(router, member, "drain");

async function setState(router: Router | undefined, member: string, state: "drain" | "ready"): Promise<void> {
  if (router?.readBackend === undefined) return;
  await setServerState(router.socket, `${router.readBackend}/${member}`, state);
}
