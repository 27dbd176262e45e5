import { days, type Expression, hours, labelled, metric, minutes, promql, union } from "../expression";
import { type AlertSettings, area } from "./alert";

const version = metric("pg_settings_server_version_num");
/** `server_version_num` is the major version times this. */
const perMajor = 10_000;

/** Seconds until the support of the servers' major versions ends. */
export const supportLeft = ({ supportEnds }: AlertSettings): Expression =>
  union(
    Object.entries(supportEnds).map(([major, end]) => {
      const servers = promql`floor(${version} / ${perMajor}) == ${Number(major)}`;
      return promql`(${Date.parse(end) / 1000} - time()) + ${0} * ${labelled(servers, "major", major)}`;
    }),
  );

/** Days until certificates expire. */
export const daysLeft = promql`(${metric("howdah_certificate_not_after_timestamp_seconds")} - time()) / ${days(1)}`;

/** Who comes in, and how; what differs from what is declared. */
export const securityAlerts = area({
  CertificateExpiry: {
    nature: "cause",
    summary: "Certificate {{ $labels.name }} is about to expire: then connections that need it fail.",
    panel: "overview/certificates",
    levels: { critical: { limit: 7, for: 0 }, warning: { limit: 21, for: 0 } },
    expr: (limit) => promql`${daysLeft} < ${limit}`,
  },
  CertificateRenewalDue: {
    nature: "cause",
    summary: "Certificate {{ $labels.name }} has less than a third of its life left: the next up renews it.",
    panel: "overview/certificates",
    levels: { info: { limit: 33, for: hours(1) } },
    expr: (limit) => {
      const end = metric("howdah_certificate_not_after_timestamp_seconds");
      const start = metric("howdah_certificate_not_before_timestamp_seconds");
      return promql`${100} * (${end} - time()) / (${end} - ${start}) < ${limit}`;
    },
    hiddenBy: { CertificateExpiry: ["name"] },
  },
  PlainConnections: {
    nature: "cause",
    summary: "Clients of {{ $labels.server }} are connected without encryption: others on the network can read along.",
    panel: "sessions/plain",
    levels: { critical: { limit: 0, for: 0 } },
    expr: (limit) => promql`${metric("howdah_plain_sessions")} > ${limit}`,
  },
  SuperuserOverTcp: {
    nature: "cause",
    summary:
      "A superuser is connected to {{ $labels.server }} over the network, with rights that no application needs.",
    panel: "sessions/superusers",
    levels: { critical: { limit: 0, for: 0 } },
    expr: (limit) => promql`${metric("howdah_superuser_tcp_sessions")} > ${limit}`,
  },
  AuthFailures: {
    nature: "cause",
    summary: "Many logins fail: an application has a wrong password, or an attacker tries passwords.",
    panel: "sessions/failed-logins",
    levels: { warning: { limit: 10, for: 0, keep: minutes(10) } },
    expr: (limit) => {
      const failures = metric("howdah_log_events_total", { event: "authentication failure" }).over(minutes(5));
      return promql`sum(increase(${failures})) > ${limit}`;
    },
  },
  RoleUnlimited: {
    nature: "cause",
    summary:
      "Logins on {{ $labels.server }} have no connection limit: one application could take the connections of all.",
    panel: "sessions/unlimited",
    levels: { warning: { limit: 0, for: days(1) } },
    expr: (limit) => promql`${metric("howdah_roles_without_limit")} > ${limit}`,
  },
  PendingRestart: {
    nature: "cause",
    summary:
      "{{ $labels.server }} needs a restart to use its configuration: it behaves differently from what is declared.",
    panel: "overview/pending-restart",
    levels: { warning: { limit: 0, for: hours(1) } },
    expr: (limit) => promql`${metric("howdah_settings_pending_restart")} > ${limit}`,
    hiddenBy: { PatroniPendingRestart: ["server"] },
  },
  ConfigFileError: {
    nature: "cause",
    summary: "{{ $labels.file }} of {{ $labels.server }} has an error: after a restart, PostgreSQL may not start.",
    panel: "overview/configuration",
    levels: { critical: { limit: 0, for: minutes(1) } },
    expr: (limit) => promql`${metric("howdah_config_file_errors")} > ${limit}`,
  },
  SettingsChanged: {
    nature: "cause",
    summary: "Settings of {{ $labels.server }} have changed.",
    panel: "overview/changes",
    levels: { info: { limit: 0, for: 0 } },
    expr: (limit) => promql`changes(${metric("howdah_settings_fingerprint").over(minutes(5))}) > ${limit}`,
    quietDuringWork: true,
  },
  MinorVersionsDiffer: {
    nature: "cause",
    summary: "The servers run different minor versions: an update was begun, and one of them lacks its fixes.",
    panel: "overview/version",
    levels: { warning: { limit: 0, for: days(7) } },
    expr: (limit) => promql`max(${version}) - min(${version}) > ${limit}`,
  },
  MajorVersionEnds: {
    nature: "cause",
    summary: "PostgreSQL {{ $labels.major }} will soon get no more fixes: plan the upgrade.",
    panel: "overview/version",
    levels: { critical: { limit: 60, for: hours(1) }, warning: { limit: 180, for: hours(1) } },
    expr: (limit, settings) => promql`min by (major) (${supportLeft(settings)}) / ${days(1)} < ${limit}`,
  },
});
