import { join } from "node:path";
import { stringify } from "yaml";
import { type EtcdLayout, type Layout, loopback } from "../layout";

const url = (port: number): string => `https://${loopback}:${port}`;

/** Name of the certificate that a member shows its peers. */
export const peerCertificate = ({ name }: Pick<EtcdLayout, "name">): string => `${name}-peer`;

const transport = (layout: Layout, certificate: string, authority: string): Record<string, unknown> => ({
  "cert-file": join(layout.tls, `${certificate}.crt`),
  "key-file": join(layout.tls, `${certificate}.key`),
  "trusted-ca-file": join(layout.tls, authority),
  "client-cert-auth": true,
});

/** Suites of TLS 1.2 that encrypt and authenticate in one step, in Go's words; those of `tlsCiphers` that etcd 3.4 knows, too. */
const cipherSuites = ["ECDSA", "RSA"].flatMap((key) =>
  ["AES_256_GCM_SHA384", "AES_128_GCM_SHA256"].map((cipher) => `TLS_ECDHE_${key}_WITH_${cipher}`),
);

/**
 * etcd's configuration file of one member. Timers are etcd's defaults, which suit a loopback; history is compacted hourly,
 * since Patroni writes the leader key every few seconds and old revisions are not read.
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
    "client-transport-security": transport(layout, member.name, "ca.crt"),
    // Members have their own authority: etcd 3.4 accepts no list of names in its configuration file.
    "peer-transport-security": transport(layout, peerCertificate(member), "peers-ca.crt"),
    "cipher-suites": cipherSuites,
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
