import { listenerOf } from "../../../lib/system/network";

/** Throws if another process listens on one of a service's ports. Only for a service that does not run. */
export async function refuseTakenPorts(service: string, ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const taken = await listenerOf(port);
    if (taken === undefined) continue;
    const owner = taken.pid === undefined ? taken.command : `process ${taken.pid} (${taken.command})`;
    throw new Error(`port ${port} of ${service} is in use by ${owner}: stop it, or set another howdah:local.portBase`);
  }
}
