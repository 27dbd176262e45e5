import { homedir, userInfo } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { accessSync, constants, statSync } from "node:fs";

/** The folder of the checkout. */
export const checkout = resolve(__dirname, "..");

/** Bundles and other files that can be made again at any time. */
export const buildFolder = join(checkout, ".build");

/** Who runs the tools. */
export interface User {
  readonly uid: number;
  readonly home: string;
}

/** Where things live outside the checkout. */
export interface Locations {
  /** Engine, downloads and the like; may be deleted at any time. `$XDG_CACHE_HOME/howdah`. */
  readonly cache: string;
  /** The engine's own folder (plugins, workspaces), apart from the user's `~/.pulumi`. */
  readonly pulumiHome: string;
  /** Installation root, which the service user may enter: `/var/lib/howdah` as root, else `$XDG_STATE_HOME/howdah`. */
  readonly root: string;
  /** Programs for the servers (Patroni, supercronic); shared by every root of this user. */
  readonly programs: string;
  /** File backend of local stacks, mode 0700. */
  readonly backend: string;
  /** Encrypts the secrets of local stacks, mode 0600. */
  readonly passphraseFile: string;
  /** Effective config and connection files, per stack; mode 0700. */
  readonly stacks: string;
}

const currentUser = (): User => ({ uid: userInfo().uid, home: process.env["HOME"] ?? homedir() });

/**
 * Locations for a user and an environment.
 * `HOWDAH_STATE_ROOT` moves the installation root, `HOWDAH_PROGRAMS` the servers' programs; relative values are ignored,
 * as the XDG specification wants it.
 */
export function locations(env: NodeJS.ProcessEnv = process.env, user: User = currentUser()): Locations {
  const folder = (name: string, fallback: string): string => {
    const value = env[name];
    return value !== undefined && isAbsolute(value) ? value : fallback;
  };
  const cache = join(folder("XDG_CACHE_HOME", join(user.home, ".cache")), "howdah");
  const usual =
    user.uid === 0 ? "/var/lib/howdah" : join(folder("XDG_STATE_HOME", join(user.home, ".local", "state")), "howdah");
  const root = folder("HOWDAH_STATE_ROOT", usual);
  return {
    cache,
    pulumiHome: join(cache, "pulumi-home"),
    root,
    programs: folder("HOWDAH_PROGRAMS", join(usual, ".tools")),
    backend: join(root, ".pulumi-state"),
    passphraseFile: join(root, ".passphrase"),
    stacks: join(root, ".stacks"),
  };
}

/** True for a file that we may execute. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** First executable of that name on PATH, folders below `except` left out. */
export function onPath(name: string, except?: string): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => isAbsolute(folder) && (except === undefined || !folder.startsWith(except)))
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

const openToAll = (path: string): boolean => {
  const open = (statSync(path).mode & 0o001) !== 0;
  return path === "/" ? open : open && openToAll(dirname(path));
};

/** Node, as the service user can run it: the one that runs us, or a copy of it if that lies in a home. */
export const nodePath = (at: Pick<Locations, "programs">, own: string = process.execPath): string =>
  process.getuid?.() !== 0 || openToAll(own) ? own : join(at.programs, `node-${process.versions.node}`);
