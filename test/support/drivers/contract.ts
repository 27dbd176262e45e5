/*
 * What a program of test/drivers reads and prints, the same in every language: one JSON line on standard input, one JSON document on
 * standard output. Nothing secret is on a command line.
 */

/** Settings that the stack exports for an application (components/pgbouncer/client-settings.ts). */
export type ApplicationSettings = Readonly<Record<string, unknown>>;

/** What both modes are given. */
interface Given {
  /** Name of the driver: marks its rows. */
  readonly driver: string;
  /** Marks the rows of this run. */
  readonly run: string;
  /** As the stack exports it: verify-full, with the file of the authority. */
  readonly url: string;
  readonly settings: ApplicationSettings;
}

/** What the driver can do; ends by itself. */
export interface SmokeInput extends Given {
  readonly mode: "smoke";
  /** PEM file of an authority that did not sign the server's certificate. */
  readonly foreignCa: string;
  /** The same server at an address that its certificate does not have. */
  readonly otherAddressUrl: string;
}

/** Workers that each commit row after row (0, 1, 2, …), until standard input ends or SIGTERM comes. */
export interface LoadInput extends Given {
  readonly mode: "load";
  readonly workers: number;
  /** Milliseconds after each transaction. */
  readonly pause: number;
}

/** True: as it should be. Null: the driver has no such thing. A text says what went wrong. */
type Check = boolean | string | null;

export interface SmokeAnswer {
  readonly version: string;
  /** A statement that the server holds is used again in other transactions. Null only if none of this driver's is there. */
  readonly prepared: Check;
  /** A commit stays, a rollback does not. */
  readonly transaction: Check;
  /** After an error in a transaction, the next one works. */
  readonly recovery: Check;
  /** A cancelled query ends in the server. */
  readonly cancel: Check;
  readonly copy: Check;
  /** A foreign authority and a foreign address are refused. */
  readonly verified: Check;
  /** True if a notification arrives. */
  readonly listen: Check;
  /** True if a session lock of one client keeps others out. */
  readonly advisoryLock: Check;
}

export interface LoadAnswer {
  readonly version: string;
  /** By worker: rows whose commit was acknowledged, from 0 on without a gap. */
  readonly acknowledged: readonly number[];
  /** Attempts after the first of a transaction. */
  readonly retried: number;
  /** Transactions that failed at every attempt, or with an error that a repeat does not heal. */
  readonly failed: number;
  /** How often each error was seen, by SQLSTATE and message. */
  readonly errors: Readonly<Record<string, number>>;
}
