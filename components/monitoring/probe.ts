import type { ProbeLogin } from "../../contracts/collector";
import { aliasOf } from "../capacity/connections";
import { probeLogin } from "../postgres/access/matrix";

/** How the availability probe enters a database through a pooler, by both routes. */
export const probeLoginOf = (database: string, passwordFile: string): ProbeLogin => ({
  user: probeLogin,
  passwordFile,
  readWrite: aliasOf(database, "readWrite"),
  readOnly: aliasOf(database, "readOnly"),
});
