import { z } from "zod";

/** Stands for the server in a line of `[databases]`. */
export const hostPlaceholder = "{host}";

const path = z.string().min(1);
const port = z.int().min(1).max(65_535);
/** Stands between quotes. */
const host = z.string().regex(/^[^\s',]+$/, { error: "one host, without a quote, comma or space" });

const addressSchema = z.strictObject({ host, port });

const targetSchema = addressSchema.extend({
  /** Share in the reads, against the others' shares. */
  weight: z.int().min(1).max(100).default(1),
});

const lineSchema = z.strictObject({
  /** Name that clients connect to. */
  alias: z.string().min(1),
  /** Line of `[databases]`, with `{host}` for the server. */
  template: z.string().includes(hostPlaceholder),
});

/**
 * What `howdah route` has to know to keep reads away from replicas that are down or behind: it writes the servers of the
 * read-only databases into a file that `pgbouncer.ini` includes, and has PgBouncer read it.
 */
export const routeSchema = z
  .strictObject({
    lines: z.array(lineSchema),
    /** Servers for reads, in a fixed order. */
    targets: z.array(targetSchema),
    /** Follows the primary; takes the reads while no target is healthy. */
    primary: addressSchema,
    /** A target that is further behind gets no reads; at least one of the two. */
    maximumLagSeconds: z.number().positive().optional(),
    maximumLagBytes: z.number().positive().optional(),
    /** PEM file of the authorities of the servers' certificates. */
    ca: path,
    login: z.strictObject({ user: z.string().min(1), passwordFile: path, database: z.string().min(1) }),
    /** The file that is written. */
    include: path,
    /** Folder of PgBouncer's Unix socket, and its port. */
    socketDirectory: path,
    port,
    /** Pause between two rounds of checks. */
    intervalSeconds: z.number().positive(),
    /** Files that PgBouncer has to read again when they change. */
    watch: z.array(path).default([]),
    /** What sessions of the logins start with, as a fingerprint: when it changes, PgBouncer opens its server connections again. */
    sessions: z.string().default(""),
  })
  .refine((route) => route.maximumLagSeconds !== undefined || route.maximumLagBytes !== undefined, {
    error: "no maximum lag: maximumLagSeconds or maximumLagBytes",
  })
  .refine((route) => route.targets.every((target) => target.port === route.primary.port), {
    error: "a target with another port than the primary's: PgBouncer has one port for all servers of a database",
  });

export type Route = z.output<typeof routeSchema>;
export type RouteTarget = Route["targets"][number];

/** Each target as often as its weight says. */
const shares = (targets: readonly RouteTarget[]): RouteTarget[] =>
  targets.flatMap((target) => Array.from({ length: target.weight }, () => target));

/** The server for one seat: the seat's own while that is healthy, so that only the seats of a lost server move. */
function serverFor(route: Pick<Route, "targets" | "primary">, healthy: ReadonlySet<string>, seat: number): string {
  const all = shares(route.targets);
  const own = all[seat % all.length];
  if (own !== undefined && healthy.has(own.host)) return own.host;
  const left = all.filter(({ host: name }) => healthy.has(name));
  return left[seat % left.length]?.host ?? route.primary.host;
}

/**
 * Seat of a pod: the number at the end of its name, which a StatefulSet counts from 0; 0 if there is none.
 * @param hostname such as `pooler-2`
 */
export const seatOf = (hostname: string): number => Number(/-(\d{1,6})$/.exec(hostname)?.[1] ?? 0);

/**
 * Text of the file that `pgbouncer.ini` includes. Each database gets one server: PgBouncer 1.18 takes a list, but then looks
 * for the whole list as one name in the certificate, and verify-full fails. Pods by their seats, and databases by their
 * order, get different servers, in proportion to the weights.
 *
 * @param healthy the targets that may get reads; none: the primary gets them
 * @param seat which of the poolers this is, counted from 0; see `seatOf`
 */
export function routesText(
  route: Pick<Route, "lines" | "targets" | "primary">,
  healthy: readonly Pick<RouteTarget, "host">[],
  seat: number,
): string {
  const names = new Set(healthy.map((target) => target.host));
  const lines = route.lines.map(({ template }, at) =>
    template.replaceAll(hostPlaceholder, () => serverFor(route, names, seat + at)),
  );
  return ["[databases]", ...lines, ""].join("\n");
}
