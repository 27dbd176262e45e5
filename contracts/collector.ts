import { z } from "zod";
import { setNames } from "./metrics/collector";

const path = z.string().min(1);

/** A way into a server, or a console, over the network. */
const address = { host: z.string().min(1), port: z.int().min(1).max(65_535) };

/** Where a collector serves /metrics over HTTPS, and to whom; it reads the files again when they change. */
export const scrapingSchema = z.strictObject({
  /** Address and port, such as `127.0.0.1:6471`. */
  listen: z.string().min(1),
  /** What it shows to scrapers: certificate and key, PEM. */
  certificate: path,
  key: path,
  /** Authority of scrapers' certificates, PEM: one who shows a certificate of it is let in. */
  authority: path,
  /** Password of scrapers without a certificate, for HTTP basic authentication as `prometheus`. Default: none is let in. */
  passwordFile: path.optional(),
});

/** Login that tries a pooler as an application does: one that may do nothing but connect. */
export const probeLoginSchema = z.strictObject({
  user: z.string().min(1),
  passwordFile: path,
  /** Databases of PgBouncer, by route. */
  readWrite: z.string().min(1),
  readOnly: z.string().min(1),
});

/** The same, and the pooler that it tries: its certificate has to bear the host's name. */
export const probeSchema = z.strictObject({
  ...address,
  /** Authority of the pooler's certificate, PEM. */
  authority: path,
  ...probeLoginSchema.shape,
});

/** What the collector of a cloud's stack needs; it logs in to the servers as the job file's login. */
export const remoteMonitoringSchema = z.strictObject({
  scraping: scrapingSchema,
  /** Every server by the name that its series have as `server`. */
  servers: z.array(z.strictObject({ name: z.string().min(1), ...address })).min(1),
  /** Sets that it collects: a cloud's server cannot fill every one. */
  sets: z.array(z.enum(setNames)),
  /** Objective: seconds of data that may be lost if one server is lost. */
  rpoSeconds: z.number().nonnegative(),
  /** Default: nothing is tried. */
  probe: probeSchema.optional(),
});

/** What the collector next to one PgBouncer needs (`howdah serve-pooler-metrics`). */
export const poolerCollectorSchema = z.strictObject({
  scraping: scrapingSchema,
  /** PgBouncer's console, and a login that may read statistics there. */
  console: z.strictObject({ ...address, user: z.string().min(1), passwordFile: path }),
  /** Certificates whose end is watched, PEM, by name. */
  certificates: z.record(z.string(), path),
});

export type Scraping = z.output<typeof scrapingSchema>;
export type ProbeLogin = z.output<typeof probeLoginSchema>;
export type Probe = z.output<typeof probeSchema>;
export type RemoteMonitoring = z.output<typeof remoteMonitoringSchema>;
export type PoolerCollector = z.output<typeof poolerCollectorSchema>;
