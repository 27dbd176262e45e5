import { capture } from "../process/attended";

/** The operating-system user that every server of a stack runs as. */
export interface Identity {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Words to put before a command so that it runs as this user; empty if we are that user already. */
  readonly prefix: readonly string[];
}

/** What `id` says of a user. */
function idOf(...args: string[]): string {
  const { code, stdout, stderr } = capture({ program: "id", args });
  if (code !== 0) throw new Error(stderr.trim());
  return stdout.trim();
}

let cached: Identity | undefined;

/** `postgres` when we are root, since PostgreSQL and PgBouncer refuse root; else the user we are. */
export function serviceIdentity(): Identity {
  cached ??= process.getuid?.() === 0 ? unprivileged("postgres") : current();
  return cached;
}

function unprivileged(name: string): Identity {
  const uid = Number(idOf("-u", name));
  const gid = Number(idOf("-g", name));
  // setpriv also sets the supplementary groups, which spawn's uid and gid leave as root's.
  const prefix = ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--init-groups", "--reset-env"];
  return { name, uid, gid, prefix };
}

function current(): Identity {
  const name = idOf("-un");
  return { name, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, prefix: [] };
}

/** Whose a file or folder is: the service user's, or `root`'s, which means the user who runs `up`. */
export type Owner = "service" | "root";

/** Numbers of an owner. Default: the service user. */
export const ownerOf = (owner: Owner = "service"): Pick<Identity, "uid" | "gid"> =>
  owner === "root" ? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 } : serviceIdentity();
