import type { securityAlerts } from "../../../../components/monitoring/alerts/security";
import { age, rise, value } from "../waves";
import { type Cases, node1, of } from "./case";

const node2 = { server: "node2" } as const;
const certificate = { name: "node1" } as const;
const day = 86_400;

const expiry = (days: number) =>
  of(certificate, age("howdah_certificate_not_after_timestamp_seconds", certificate, [-days * day, -days * day + 1]));

/** A version whose support ends so many days after 1970 began, with two hours more, and one with an hour more. */
const supported = (days: number) => ({
  ...of({ major: "15" }, value("pg_settings_server_version_num", node1, [160_001, 150_018])),
  settings: {
    supportEnds: {
      15: new Date((days * day + 3600) * 1000).toISOString(),
      16: new Date((days * day + 7200) * 1000).toISOString(),
    },
  },
});

export const securityCases: Cases<keyof typeof securityAlerts> = {
  CertificateExpiry: { critical: expiry(7), warning: expiry(21) },
  CertificateRenewalDue: {
    info: of(
      certificate,
      age("howdah_certificate_not_after_timestamp_seconds", certificate, [-33 * day, -32 * day]),
      age("howdah_certificate_not_before_timestamp_seconds", certificate, [67 * day, 68 * day]),
    ),
  },
  PlainConnections: { critical: of(node1, value("howdah_plain_sessions", node1, [0, 1])) },
  SuperuserOverTcp: { critical: of(node1, value("howdah_superuser_tcp_sessions", node1, [0, 1])) },
  AuthFailures: {
    warning: of(
      {},
      rise("howdah_log_events_total", { service: "node1", event: "authentication failure" }, [9.9 / 300, 10.5 / 300]),
      rise("howdah_log_events_total", { service: "node1", event: "statement timeout" }, 9),
    ),
  },
  RoleUnlimited: { warning: of(node1, value("howdah_roles_without_limit", node1, [0, 1])) },
  PendingRestart: { warning: of(node1, value("howdah_settings_pending_restart", node1, [0, 1])) },
  ConfigFileError: {
    critical: of(
      { ...node1, file: "pg_hba.conf" },
      value("howdah_config_file_errors", { ...node1, file: "pg_hba.conf" }, [0, 1]),
    ),
  },
  SettingsChanged: { info: of(node1, rise("howdah_settings_fingerprint", node1, [0, 1])) },
  MinorVersionsDiffer: {
    warning: of(
      {},
      value("pg_settings_server_version_num", node1, 150_018),
      value("pg_settings_server_version_num", node2, [150_018, 150_017]),
    ),
  },
  MajorVersionEnds: { critical: supported(60), warning: supported(180) },
};
