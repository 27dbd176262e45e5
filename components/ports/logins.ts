import type * as pulumi from "@pulumi/pulumi";
import type { SessionSettings } from "../postgres/access/logins/session-settings";

/** Logins that exist once `Access` is done. */
export interface Logins {
  /** Generated passwords by login. */
  readonly passwords: Readonly<Record<string, pulumi.Output<string>>>;
  /** SCRAM verifiers by login, as the server stores them; secret. */
  readonly verifiers: Readonly<Record<string, pulumi.Output<string>>>;
  /** Login in use, by application. */
  readonly current: Readonly<Record<string, string>>;
  /** What their sessions start with: open ones go on with what was in force when they began. */
  readonly sessionSettings: SessionSettings;
  /** What has to exist before a login works. */
  readonly ready: readonly pulumi.Resource[];
}
