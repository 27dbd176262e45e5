import { join } from "node:path";
import { readText } from "../../lib/system/files";
import { makeFolder, writeWhole } from "../../lib/files";
import { oneLine } from "../../lib/text/printable";
import type { Finding } from "../checks/finding";
import { openSession, type Session } from "../engine/session";
import type { CheckoutScope } from "../kit/command";
import { askCluster, isHealthy, type NodeHealth, nodeHealth } from "../status/cluster";
import { askHealth } from "../status/health";
import { judgeLogins, judgeNewSessions } from "../status/logins";
import { type Outputs, readOutputs } from "../status/outputs";
import { serviceFile } from "../status/service-file";
import { checkTable, endpointTable, nodeTable } from "../status/table";

/** File with the stack's connections for `PGSERVICEFILE`, mode 0600. */
export const connectionFile = (session: Session): string => join(session.at.stacks, `${session.stack}.pg_service.conf`);

/** As `up` last saw it: later drills are in `howdah backups`. */
export function backupLine({ repository, stanza, lastVerifiedAt }: NonNullable<Outputs["backup"]>): string {
  const verified = lastVerifiedAt === undefined ? "" : `, restored by a drill at ${lastVerifiedAt}`;
  // The time comes from a file of the service user.
  return oneLine(`backups: ${repository}, stanza ${stanza}${verified}`);
}

/** Where people look, and how they get the password, which is not for a terminal. */
export const monitoringLines = (
  { prometheus, alertmanager, user }: NonNullable<Outputs["monitoring"]>,
  stack: string,
): string =>
  `Prometheus: ${prometheus}, Alertmanager: ${alertmanager}, as ${user}; for the password:
  npm run --silent pulumi -- stack output monitoringPassword --show-secrets --stack ${stack}`;

/** What `make status` has seen. */
export interface Status {
  /** Every check, and every node, is good. */
  readonly good: boolean;
  /** What an application feels is: every login, and what serves it. */
  readonly serving: boolean;
  readonly nodes: readonly NodeHealth[];
  readonly checks: readonly Finding[];
  /** For `PGSERVICEFILE`. */
  readonly connectionFile: string;
  /** Tables and lines, with colours on a terminal. */
  readonly text: string;
}

/** What the pooler lets through; only if that is all, a server's refusal is news. */
async function completed(
  pooled: readonly Finding[],
  check: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  if (pooled.some(({ good }) => !good)) return pooled;
  const refused = await check();
  return refused.length > 0 ? refused : pooled;
}

/** Tries everything, and writes the connection file. */
export async function checkStack(session: Session): Promise<Status> {
  const outputs = readOutputs(session);
  const ca = await readText(outputs.ca);
  const [members, pooled] = await Promise.all([askCluster(outputs, ca), judgeLogins(outputs.connections, ca)]);
  const nodes = nodeHealth(outputs.nodes, members);
  const logins = await completed(pooled, () => judgeNewSessions(outputs.connections, ca, nodes));
  const jobFile = outputs.backup?.jobFile;
  const findings = [...logins, ...(jobFile === undefined ? [] : askHealth(session, jobFile))];
  makeFolder(session.at.stacks, 0o700);
  writeWhole(connectionFile(session), serviceFile(outputs.connections), 0o600);
  const parts = [endpointTable(outputs), nodeTable(nodes), checkTable(findings)];
  if (outputs.backup !== undefined) parts.push(backupLine(outputs.backup));
  if (outputs.monitoring !== undefined) parts.push(monitoringLines(outputs.monitoring, session.stack));
  const [application] = Object.keys(outputs.connections);
  if (application !== undefined)
    parts.push(`To connect:\n  PGSERVICEFILE=${connectionFile(session)} psql service=${application}`);
  const serving = findings.every(({ good, urgent }) => good || !urgent);
  return {
    good: isHealthy(nodes) && findings.every(({ good }) => good),
    serving,
    nodes,
    checks: findings,
    connectionFile: connectionFile(session),
    text: parts.join("\n"),
  };
}

/** The status of a stack. @throws Failure if it has no outputs */
export const statusOf = async ({ stack, reporter }: CheckoutScope): Promise<Status> =>
  checkStack(await openSession(stack, reporter));
