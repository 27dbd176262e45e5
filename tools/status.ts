import { join } from "node:path";
import { runScript } from "./failure";
import { makeFolder, writeWhole } from "./files";
import { createVoice } from "./say";
import { chosenStack } from "./stack/environment";
import { openSession, type Session } from "./stack/session";
import { askCluster, isHealthy, nodeHealth } from "./status/cluster";
import { type Outputs, readOutputs } from "./status/outputs";
import { serviceFile } from "./status/service-file";
import { endpointTable, nodeTable } from "./status/table";

/** File with the stack's connections for `PGSERVICEFILE`, mode 0600. */
export const connectionFile = (session: Session): string => join(session.at.stacks, `${session.stack}.pg_service.conf`);

/** As `up` last saw it: later drills are in `howdah backups`. */
function backupLine({ repository, stanza, lastVerifiedAt }: NonNullable<Outputs["backup"]>): string {
  const verified = lastVerifiedAt === undefined ? "" : `, restored by a drill at ${lastVerifiedAt}`;
  return `backups: ${repository}, stanza ${stanza}${verified}`;
}

/** Prints endpoints, nodes and the line to paste; true when every node is healthy. */
export async function printStatus(session: Session): Promise<boolean> {
  const outputs = readOutputs(session);
  const nodes = nodeHealth(outputs.nodes, await askCluster(outputs));
  makeFolder(session.at.stacks, 0o700);
  writeWhole(connectionFile(session), serviceFile(outputs.connections), 0o600);
  const parts = [endpointTable(outputs), nodeTable(nodes)];
  if (outputs.backup !== undefined) parts.push(backupLine(outputs.backup));
  const [application] = Object.keys(outputs.connections);
  if (application !== undefined)
    parts.push(`To connect:\n  PGSERVICEFILE=${connectionFile(session)} psql service=${application}`);
  process.stdout.write(`${parts.join("\n")}\n`);
  return isHealthy(nodes);
}

if (require.main === module) {
  runScript(async () => {
    const session = await openSession(chosenStack(process.env["STACK"], process.env), createVoice());
    return (await printStatus(session)) ? 0 : 1;
  });
}
