import { stringify } from "yaml";
import { isSince, type Release } from "../../lib/release";
import type { Secret } from "../../lib/secret";
import { type Duration, toSeconds } from "../../lib/values";
import { inhibitRules, watchdog } from "./inhibition";
import { type QuietHours, type Receiver, type RoutingSettings, type Weekday, weekdays } from "./schema";

/** Receiver that notifies no one. */
export const noReceiver = "none";

/** Alertmanager reads the URL of a webhook from a file since this release. */
const urlFiles: Release = [0, 26];

const quiet = "quiet-hours";

export interface RoutingInput {
  readonly routing: RoutingSettings;
  /** First line of `alertmanager --version`. */
  readonly version: string;
  /** Absolute path of a file with a secret, by the file's name. */
  readonly secretFile: (name: string) => string;
}

/** Files of an Alertmanager. */
export interface RoutingFiles {
  /** alertmanager.yml. */
  readonly configuration: string;
  /** True if that contains a secret, because this release reads it from no other file. */
  readonly isSecret: boolean;
  /** Content of the files that it refers to, by name; mode 0600. */
  readonly secrets: Readonly<Record<string, Secret>>;
}

type Section = Record<string, unknown>;

const seconds = (duration: Duration): string => `${Math.round(toSeconds(duration))}s`;

const title =
  '[{{ .Status | toUpper }}{{ if eq .Status "firing" }}: {{ .Alerts.Firing | len }}{{ end }}] {{ .CommonLabels.alertname }} ({{ .CommonLabels.stack }})';
/** Names of tables and the like are in it, which applications choose: as Slack asks for, and on one line. */
const summary =
  '{{ .Annotations.summary | reReplaceAll "&" "&amp;" | reReplaceAll "<" "&lt;" | reReplaceAll ">" "&gt;" | reReplaceAll "\\\\s+" " " }}';
const text = `{{ range .Alerts }}${summary}{{ with .Annotations.runbook_url }}\n{{ . }}{{ end }}\n{{ end }}`;

/** Secrets of a receiver, by the name of their files. */
const secretsOf = (name: string, { slack, pagerduty, email, webhook }: Receiver): Record<string, Secret> =>
  Object.fromEntries(
    [
      [`${name}.slack-url`, slack?.url] as const,
      [`${name}.pagerduty-key`, pagerduty?.routingKey] as const,
      [`${name}.email-password`, email?.password] as const,
      [`${name}.webhook-url`, webhook?.url] as const,
      [`${name}.webhook-token`, webhook?.token] as const,
    ].flatMap(([file, secret]) => (secret === undefined ? [] : [[file, secret]])),
  );

const slackConfig = ({ channel }: NonNullable<Receiver["slack"]>, file: (kind: string) => string): Section => ({
  api_url_file: file("slack-url"),
  ...(channel === undefined ? {} : { channel }),
  send_resolved: true,
  title,
  text,
});

const pagerdutyConfig = (file: (kind: string) => string): Section => ({
  routing_key_file: file("pagerduty-key"),
  send_resolved: true,
  description: title,
  severity: '{{ or .CommonLabels.severity "error" }}',
});

const emailConfig = (
  { to, from, smarthost, username, password }: NonNullable<Receiver["email"]>,
  file: (kind: string) => string,
): Section => ({
  to: to.join(", "),
  from,
  smarthost,
  require_tls: true,
  ...(username === undefined ? {} : { auth_username: username }),
  ...(password === undefined ? {} : { auth_password_file: file("email-password") }),
  headers: { Subject: title },
  send_resolved: true,
});

function webhookConfig(
  { url, token }: NonNullable<Receiver["webhook"]>,
  file: (kind: string) => string,
  version: string,
): Section {
  const credentials = { authorization: { type: "Bearer", credentials_file: file("webhook-token") } };
  return {
    ...(isSince(version, urlFiles) ? { url_file: file("webhook-url") } : { url: url.reveal() }),
    send_resolved: true,
    ...(token === undefined ? {} : { http_config: credentials }),
  };
}

function receiverConfig(name: string, receiver: Receiver, { secretFile, version }: RoutingInput): Section {
  const file = (kind: string): string => secretFile(`${name}.${kind}`);
  const { slack, pagerduty, email, webhook } = receiver;
  return {
    name,
    ...(slack === undefined ? {} : { slack_configs: [slackConfig(slack, file)] }),
    ...(pagerduty === undefined ? {} : { pagerduty_configs: [pagerdutyConfig(file)] }),
    ...(email === undefined ? {} : { email_configs: [emailConfig(email, file)] }),
    ...(webhook === undefined ? {} : { webhook_configs: [webhookConfig(webhook, file, version)] }),
  };
}

const dayAfter = (day: Weekday): Weekday => weekdays[(weekdays.indexOf(day) + 1) % weekdays.length] ?? day;

/** One period in Alertmanager's notation, which knows none that go past midnight. */
export function timeIntervals({ days, from, to, timeZone }: QuietHours): Section[] {
  const interval = (on: readonly Weekday[], start: string, end: string): Section => ({
    times: [{ start_time: start, end_time: end }],
    weekdays: on,
    location: timeZone,
  });
  if (from < to) return [interval(days, from, to)];
  const rest = to === "00:00" ? [] : [interval(days.map(dayAfter), "00:00", to)];
  return [interval(days, from, "24:00"), ...rest];
}

/** The alerts of one severity: every receiver gets them. */
function severityRoute(severity: string, receivers: readonly string[], { wait, repeat, quietHours }: RoutingSettings) {
  const kind = severity === "critical" ? "critical" : "other";
  // Alertmanager does not pass this on to the routes below.
  const muted = kind === "other" && quietHours.length > 0 ? { mute_time_intervals: [quiet] } : {};
  return {
    matchers: [`severity="${severity}"`],
    group_wait: seconds(wait[kind]),
    repeat_interval: seconds(repeat[kind]),
    routes: receivers.map((receiver, index) => ({ receiver, continue: index < receivers.length - 1, ...muted })),
  };
}

function route(routing: RoutingSettings): Section {
  const { receivers, deadMan, groupBy, wait, repeat } = routing;
  const usual = Object.keys(receivers).filter((name) => name !== deadMan);
  const { critical = usual, warning = usual, info } = routing;
  return {
    receiver: noReceiver,
    group_by: groupBy,
    group_wait: seconds(wait.other),
    group_interval: "1m",
    repeat_interval: seconds(repeat.other),
    routes: [
      {
        receiver: deadMan ?? noReceiver,
        matchers: [`alertname="${watchdog}"`],
        group_wait: "0s",
        // Alertmanager decides at each group_interval whether repeat_interval has passed since the notification before: with a minute
        // for both, a moment would be missing, and every second notification stays away.
        group_interval: "1m",
        repeat_interval: "50s",
      },
      severityRoute("critical", critical, routing),
      severityRoute("warning", warning, routing),
      severityRoute("info", info, routing),
    ],
  };
}

/** The files of an Alertmanager that routes alerts as the config says. */
export function routingFiles(input: RoutingInput): RoutingFiles {
  const { receivers, quietHours } = input.routing;
  const all = Object.entries(receivers);
  const inline = isSince(input.version, urlFiles) ? [] : all.filter(([, { webhook }]) => webhook !== undefined);
  const secrets = Object.assign({}, ...all.map(([name, one]) => secretsOf(name, one))) as Record<string, Secret>;
  const unused = new Set(inline.map(([name]) => `${name}.webhook-url`));
  const intervals = { name: quiet, time_intervals: quietHours.flatMap(timeIntervals) };
  const configuration = {
    route: route(input.routing),
    receivers: [{ name: noReceiver }, ...all.map(([name, one]) => receiverConfig(name, one, input))],
    inhibit_rules: inhibitRules,
    ...(quietHours.length === 0 ? {} : { time_intervals: [intervals] }),
  };
  return {
    configuration: stringify(configuration, { lineWidth: 0 }),
    isSecret: inline.length > 0,
    secrets: Object.fromEntries(Object.entries(secrets).filter(([file]) => !unused.has(file))),
  };
}
