import { serversUp, serversWithheld, setServer } from "../../../lib/servers/haproxy";

/** HAProxy in front of a cluster. */
export interface Router {
  /** Runtime socket. */
  readonly socket: string;
  /** Backend that follows the primary. */
  readonly backend: string;
  /** Backend of the replicas, if there is one. */
  readonly readBackend?: string | undefined;
}

const none = (): string[] => [];

/** True once read-write connections reach `member` and no other: HAProxy notices in its own time. */
export async function leads(router: Router | undefined, member: string): Promise<boolean> {
  if (router === undefined) return true;
  return (await serversUp(router.socket, router.backend).catch(none)).join() === member;
}

/**
 * Sends writes to the member that leads, and no reads, at once and not after HAProxy's next checks.
 * @param from the leader before, where it is another one
 */
export async function redirect(router: Router | undefined, to: string, from?: string): Promise<void> {
  if (router === undefined) return;
  if (from !== undefined) await setServer(router.socket, `${router.backend}/${from}`, "health down");
  await setServer(router.socket, `${router.backend}/${to}`, "health up");
  if (router.readBackend !== undefined) await setServer(router.socket, `${router.readBackend}/${to}`, "health down");
}

/** Healthy replicas that get no reads: a killed run may have left them so. */
export async function withheld(router: Router | undefined): Promise<string[]> {
  return router?.readBackend === undefined ? [] : serversWithheld(router.socket, router.readBackend).catch(none);
}

export async function readmit(router: Router | undefined, members: readonly string[]): Promise<void> {
  for (const member of members) await setState(router, member, "ready");
}

/** Runs `work` while a replica gets no new reads. */
export async function whileWithheld(
  router: Router | undefined,
  member: string,
  work: () => Promise<void>,
): Promise<void> {
  await setState(router, member, "drain");
  try {
    await work();
  } catch (error) {
    // Report the first error; the next run re-enables the replica.
    await readmit(router, [member]).catch(() => undefined);
    throw error;
  }
  await readmit(router, [member]);
}

async function setState(router: Router | undefined, member: string, state: "drain" | "ready"): Promise<void> {
  if (router?.readBackend === undefined) return;
  await setServer(router.socket, `${router.readBackend}/${member}`, `state ${state}`);
}
