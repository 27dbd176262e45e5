import { isAbsolute } from "node:path";
import { z } from "zod";
import { isCommandWord, isEnvironmentValue } from "../../lib/supervisor/command-line";

/**
 * Inputs of the resource types of the `host` provider that are about the machine itself. The provider checks them, and the program's
 * classes take their types from here. What is renamed here changes every stack.
 */

export const absolutePath = z.string().refine(isAbsolute, { error: "must be an absolute path" });
const fileMode = z.string().regex(/^0[0-7]{3}$/, { error: 'must be four octal digits such as "0600"' });

/** Program, by its absolute path, and arguments. */
const command = z
  .array(z.string())
  .min(1)
  .refine(([program = ""]) => isAbsolute(program), { path: [0], error: "must be an absolute path" });

/** A folder of the service user, or one of root's around such. */
export const directorySchema = z.strictObject({
  path: absolutePath,
  mode: fileMode.default("0700"),
  /** `root`: the user who runs `up`, so that the service user can rename nothing in it. Default: the service user. */
  owner: z.enum(["service", "root"]).optional(),
  /** Name of a file that marks the folder as ours: one with other content and no mark is refused, and never removed. */
  mark: z
    .string()
    .regex(/^[\w.-]+$/)
    .optional(),
  /** MB that its disk needs when the folder is made: refused here, before anything can half-succeed. Default 0. */
  freeMegabytes: z.int().min(0).default(0),
  /** Ports, by service, that have to be free when the folder is made: refused here likewise. Default none. */
  freePorts: z.record(z.string(), z.array(z.int())).default({}),
});

/** A file of the service user or of root. */
export const fileSchema = z.strictObject({
  path: absolutePath,
  /** May be a secret; the state then holds it encrypted, and the diff shows no content. */
  content: z.string(),
  mode: fileMode.default("0600"),
  /** `root`: the user who runs `up`, so that the service user can only read it. Default: the service user. */
  owner: z.enum(["service", "root"]).optional(),
  /** Regular expression: lines of earlier content that match stay below the new content, as old keys do in a file of keys. */
  keeps: z.string().optional(),
});

/** Settings that cannot change under running servers. */
export const fixedSchema = z.strictObject({
  /** Config paths and their values. */
  values: z.record(z.string(), z.string()),
  /** What to do for another value, as a sentence. */
  advice: z.string().min(1),
});

/** An authority of our own, for one stack. */
export const certificateAuthoritySchema = z.strictObject({
  commonName: z.string().min(1),
});

/** A certificate for one server or one client. */
export const certificateSchema = z
  .strictObject({
    commonName: z.string().min(1),
    dnsNames: z.array(z.string().min(1)).default([]),
    ipAddresses: z.array(z.union([z.ipv4(), z.ipv6()])).default([]),
    /** Extended key usage, server or client: a stolen server certificate must not open a client connection. */
    usages: z
      .array(z.enum(["server", "client"]))
      .min(1)
      .default(["server", "client"]),
    /** PEM of the authority, and its key. */
    authorityPem: z.string(),
    authorityKeyPem: z.string(),
    /** Days that a certificate is valid. */
    days: z.int().min(1).default(90),
    /** Days left at which `up` makes a new one. */
    renewAtDaysLeft: z.int().min(0).default(30),
  })
  .refine((value) => value.renewAtDaysLeft < value.days, {
    path: ["renewAtDaysLeft"],
    error: "must be less than days, or the certificate would be renewed at every run",
  });

/** The process that keeps the services of a stack running. */
export const supervisorSchema = z.strictObject({
  /** `supervisord`; a change applies at its next start, because a restart would stop every service. */
  program: absolutePath,
  /** Folder of the configuration, the socket and the programs; logs go to `../log`. */
  directory: absolutePath,
});

const port = z.int().min(1024).max(65_535);
const signal = z.enum(["HUP", "INT", "QUIT", "TERM", "USR1", "USR2"]);
function isExpression(text: string): boolean {
  try {
    return new RegExp(text).source !== "";
  } catch {
    return false;
  }
}

const variable = z.string().regex(/^[A-Za-z_]\w*$/, { error: "must be the name of an environment variable" });
const variableValue = z.string().refine(isEnvironmentValue, {
  error: "must have no control character, no quote, and no ; or # after a space",
});
/** A regular expression for a line of its log. */
const logLine = z.string().min(1).refine(isExpression, { error: "must be a regular expression" });
const triggers = z.record(z.string(), z.string()).default({});
/** Pid file of a process that the service starts and that may outlive it, with a word its command line must hold. */
const companion = z.strictObject({ pidFile: absolutePath, word: z.string().min(1) });

/** A process under the supervisor. */
export const serviceSchema = z.strictObject({
  /** Folder of the supervisor that runs it. */
  supervisor: absolutePath,
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, { error: "lower-case letters, digits and -" }),
  /** Absolute path of the program, and its arguments; no secret, since every user can read them. */
  command: command.refine((words) => words.every(isCommandWord), {
    error: "must have no control character",
  }),
  environment: z.record(variable, variableValue).default({}),
  /** Ports that it listens on; refused at once if another process has one. */
  ports: z.array(port).default([]),
  /** Those of them that answer once it is ready. Default: all. */
  readyPorts: z.array(port).optional(),
  stopSignal: signal.default("TERM"),
  /** Seconds from the stop signal to SIGKILL. */
  stopSeconds: z.int().min(1).default(30),
  /** How to reload it. */
  reloadSignal: signal.default("HUP"),
  companion: companion.optional(),
  /** A command that fails if the program would refuse its files; run before the program gets them. */
  check: command.optional(),
  /** How its log tells that it has begun to read its files, and that it has refused a line of them. */
  reader: z.strictObject({ begins: logLine, refuses: logLine }).optional(),
  /** A change of any of these restarts the service. */
  restartTriggers: triggers,
  /** A change of any of these reloads the service. */
  reloadTriggers: triggers,
  /** Seconds until it has to run and listen: on a machine that starts everything at once, Patroni tries etcd every 5 s. */
  startSeconds: z.int().min(1).default(120),
});
