import { join } from "node:path";
import { tlsCiphers } from "../../../../lib/values";
import { type Layout, loopback, monitoringCertificate, type NodeLayout, scraperCertificate } from "../layout";

/** Backends, by what they follow. */
export const backends = { primary: "primary", replicas: "replicas" } as const;

/** File of its configuration; its processes have it in their command line. */
export const routerFile = (layout: Layout): string => join(layout.etc, "haproxy.cfg");

export const routerSocket = (layout: Layout): string => join(layout.run, "haproxy.sock");

export interface RouterInput {
  readonly layout: Layout;
  /** Bytes of WAL that a replica may lack and still serve reads. */
  readonly maximumLag: number;
  /** Connections from PgBouncer at most. */
  readonly maxConnections: number;
  /** Whether it serves metrics. */
  readonly monitored: boolean;
}

/** Metrics for Prometheus alone: only its certificate lets it in. */
const metrics = ({ monitoring, tls }: Layout): string => `
frontend metrics
  mode http
  bind ${loopback}:${monitoring.routerPort} ssl crt ${join(tls, `${monitoringCertificate}.crt`)} verify required ca-file ${join(tls, "ca.crt")}
  timeout client 30s
  http-request deny unless { ssl_c_s_dn(cn) -m str ${scraperCertificate} }
  http-request use-service prometheus-exporter if { path /metrics }
  http-request return status 404
`;

/** Lines of the section "global" for it. The key is in a file next to the certificate's. */
const metricsGlobal = `  ssl-load-extra-files key
  ssl-load-extra-del-ext
  ssl-default-bind-ciphers ${tlsCiphers}
  ssl-default-bind-options ssl-min-ver TLSv1.2
`;

const server = (layout: Layout, node: NodeLayout): string =>
  `  server ${node.name} ${node.host}:${node.port} check port ${node.restPort} check-ssl verify required ca-file ${join(layout.tls, "ca.crt")} verifyhost ${node.name}`;

function backend(layout: Layout, name: string, path: string): string {
  return `backend ${name}
  option httpchk
  http-check send meth GET uri ${path}
  http-check expect status 200
  default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
${layout.nodes.map((node) => server(layout, node)).join("\n")}
`;
}

/**
 * haproxy.cfg: TLS passes through untouched; who leads is Patroni's word, asked twice a second. Two misses (1 s) take a
 * server out and cut its sessions, so that a client of a demoted primary gets an error and not silence.
 * Sessions live as long as PgBouncer keeps them: the idle timeouts here only clear up after a dead peer.
 */
export function routerConfiguration({ layout, maximumLag, maxConnections, monitored }: RouterInput): string {
  return `global
  maxconn ${maxConnections * 4}
  stats socket ${routerSocket(layout)} mode 600 level admin
  log stdout format raw daemon notice
${monitored ? metricsGlobal : ""}
defaults
  mode tcp
  log global
  timeout connect 2s
  timeout check 2s
  timeout client 24h
  timeout server 24h
  option clitcpka
  option srvtcpka
  option redispatch
  retries 2

frontend read-write
  bind ${loopback}:${layout.readWritePort}
  default_backend ${backends.primary}

frontend read-only
  bind ${loopback}:${layout.readOnlyPort}
  use_backend ${backends.replicas} if { nbsrv(${backends.replicas}) gt 0 }
  default_backend ${backends.primary}

${backend(layout, backends.primary, "/primary")}
${backend(layout, backends.replicas, `/replica?lag=${maximumLag}`)}${monitored ? metrics(layout) : ""}`;
}
