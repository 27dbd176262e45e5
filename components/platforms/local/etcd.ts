import { join } from "node:path";
import { stringify } from "yaml";
import { type EtcdLayout, type Layout, loopback } from "./layout";

const url = (port: number): string => `https://${loopback}:${port}`;

const transport = (layout: Layout, member: EtcdLayout): Record<string, unknown> => ({
  "cert-file": join(layout.tls, `${member.name}.crt`),
  "key-file": join(layout.tls, `${member.name}.key`),
  "trusted-ca-file": join(layout.tls, "ca.crt"),
  "client-cert-auth": true,
});

/**
 * etcd's configuration file of one member. Timers are etcd's defaults, which suit a loopback; history is compacted hourly,
 * since Patroni writes the leader key every few seconds and nobody reads old revisions.
 */
export function etcdConfiguration(layout: Layout, member: EtcdLayout): string {
  return stringify({
    name: member.name,
    "data-dir": member.dataDirectory,
    "listen-client-urls": url(member.clientPort),
    "advertise-client-urls": url(member.clientPort),
    "listen-peer-urls": url(member.peerPort),
    "initial-advertise-peer-urls": url(member.peerPort),
    "initial-cluster": layout.etcd.map(({ name, peerPort }) => `${name}=${url(peerPort)}`).join(","),
    "initial-cluster-token": layout.stack,
    "initial-cluster-state": "new",
    "client-transport-security": transport(layout, member),
    "peer-transport-security": transport(layout, member),
    // Patroni speaks to the gateway, which a configuration file switches off unless it names it.
    "enable-grpc-gateway": true,
    "auto-compaction-mode": "periodic",
    "auto-compaction-retention": "1h",
    "heartbeat-interval": 100,
    "election-timeout": 1000,
    logger: "zap",
    "log-level": "warn",
    "log-outputs": ["stderr"],
  });
}
