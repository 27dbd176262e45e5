import type { ClientSettings } from "../../contracts/client-settings";

/** What an application connects to, and how. */
export interface Target {
  readonly application: string;
  /** With the password; as the stack exports it. */
  readonly url: string;
  /** File for `PGSERVICEFILE`, and the service of this target in it. */
  readonly serviceFile: string;
  readonly service: string;
  readonly settings: ClientSettings;
}

/** The parts of the URL, decoded. */
export interface Address {
  readonly host: string;
  readonly port: string;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** PEM file of the certificate authority. */
  readonly ca: string;
}

/** Takes a target's URL apart. */
export function addressOf({ url }: Pick<Target, "url">): Address {
  const { hostname, port, pathname, username, password, searchParams } = new URL(url);
  return {
    host: hostname,
    port,
    database: decodeURIComponent(pathname.slice(1)),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    ca: searchParams.get("sslrootcert") ?? "",
  };
}

/** Connections of a pool that has one figure for them. */
export const largestPool = ({ settings }: Target): number => settings.poolSize + settings.maxOverflow;
