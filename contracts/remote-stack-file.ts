import { z } from "zod";
import { logicalSchema, notifySchema, objectivesSchema, tiersSchema } from "./stack-file";

const path = z.string().min(1);

/** A token of the cloud's, made anew for each connection. */
const tokenSchema = z.strictObject({ iam: z.strictObject({ region: z.string().min(1) }) });

/** How a login of a job proves who it is. */
const authSchema = z.union([tokenSchema, z.strictObject({ passwordFile: path })]);

/** A server that is reached over the network: TLS with verify-full, by a login that is no superuser. */
export const remoteServerSchema = z.strictObject({
  /** Name that its certificate bears. */
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  /** PEM file of the authorities that may have signed its certificate. */
  ca: path,
  user: z.string().min(1),
  auth: authSchema,
});

/**
 * What a job beside a cloud's database has to know of its stack: written by the stack, read by the `howdah` command in a
 * container. It holds no secret, only the paths of files that do.
 */
export const remoteJobSchema = z.strictObject({
  kind: z.literal("remote"),
  stack: z.string().min(1),
  /** Folder of `postgres`, `pg_dump` and the like, in the container's image. */
  postgresBin: path,
  server: remoteServerSchema,
  /** Databases of the config; `postgres` is none. */
  databases: z.array(z.string()).min(1),
  tiers: tiersSchema,
  logical: logicalSchema,
  notify: notifySchema.optional(),
  objectives: objectivesSchema,
  folders: z.strictObject({
    /** Throwaway servers, and files that live as long as a run; has to have room for every database once. */
    work: path,
  }),
});

export type RemoteJob = z.output<typeof remoteJobSchema>;
export type TokenAuth = z.output<typeof tokenSchema>;
export type RemoteLogin = RemoteJob["server"];
