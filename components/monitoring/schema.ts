import { isIP } from "node:net";
import { z } from "zod";
import { secretText } from "../../lib/secret";
import { isProtectedUrl } from "../../lib/url";
import { duration, size } from "../../lib/values";

function isWebhook(text: string): boolean {
  if (!isProtectedUrl(text)) return false;
  const { username, password } = new URL(text);
  return `${username}${password}` === "";
}

const webhookUrl = secretText(
  isWebhook,
  "an https:// URL without user and password; http:// only for the loopback address",
);

const mailAddress = z.email({ error: 'an email address such as "oncall@example.com"' });

/** `host:port`, as Alertmanager reads it. */
function isSmarthost(text: string): boolean {
  const [, bracketed, host = "", port] = /^(?:\[([^\]]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text) ?? [];
  return (bracketed === undefined ? host !== "" : isIP(bracketed) === 6) && Number(port) > 0 && Number(port) < 65_536;
}

const slack = z.strictObject({
  url: webhookUrl.describe("URL of an incoming webhook; secret."),
  channel: z
    .string()
    .regex(/^[#@]?[\p{L}\p{N}._-]+$/u, { error: 'a channel such as "#database"' })
    .optional()
    .describe("Default: the webhook's own."),
});

const pagerduty = z.strictObject({
  routingKey: secretText(
    (text) => /^[A-Za-z0-9]{32}$/.test(text),
    "the integration key of an Events API v2 integration, 32 letters and digits",
  ).describe("Integration key (Events API v2); secret."),
});

const email = z
  .strictObject({
    to: z.array(mailAddress).min(1).describe("Recipients."),
    from: mailAddress.describe("Sender."),
    smarthost: z
      .string()
      .refine(isSmarthost, { error: 'a host and port such as "smtp.example.com:587"' })
      .describe("SMTP server; the session has to be encrypted."),
    username: z.string().min(1).optional().describe("Login at the SMTP server. Default: none."),
    password: secretText((text) => text !== "", "a password that is not empty")
      .optional()
      .describe("Its password; secret."),
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), {
    error: "username and password together, or neither",
  });

const webhook = z.strictObject({
  url: webhookUrl.describe("URL that Alertmanager posts its JSON to; secret."),
  token: secretText((text) => text !== "" && !/\s/.test(text), "a token without spaces")
    .optional()
    .describe("Bearer token; secret. Default: none."),
});

const receiverSchema = z
  .strictObject({
    slack: slack.optional().describe("Slack."),
    pagerduty: pagerduty.optional().describe("PagerDuty."),
    email: email.optional().describe("Email."),
    webhook: webhook.optional().describe("A webhook of your own."),
  })
  .refine((receiver) => Object.keys(receiver).length > 0, {
    error: "at least one of slack, pagerduty, email and webhook",
  });

const receiverName = z
  .string()
  .regex(/^(?!none$)[a-z][a-z0-9-]{0,62}$/, { error: 'lower-case letters, digits and "-", not "none"' });

const receiverNames = z.array(receiverName);

/** Days of the week, in the order of the week. */
export const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Weekday = (typeof weekdays)[number];

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'a time from "00:00" to "23:59"' });

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

const quietHours = z
  .strictObject({
    days: z
      .array(z.enum(weekdays))
      .min(1)
      .default([...weekdays])
      .describe("Days on which the period begins. Default: every day."),
    from: timeOfDay.describe("Begin."),
    to: timeOfDay.describe("End; on the next day if it is not after the begin."),
    timeZone: z
      .string()
      .refine((name) => /^[A-Z][A-Za-z0-9_+/-]*$/.test(name) && isTimeZone(name), {
        error: 'a time zone such as "Europe/Berlin"',
      })
      .default("UTC")
      .describe("Time zone of both."),
  })
  .describe("A period without notifications.");

const label = z.string().regex(/^[a-zA-Z_]\w*$/, { error: "the name of a label" });

const routingSchema = z
  .strictObject({
    receivers: z
      .record(receiverName, receiverSchema)
      .default({})
      .describe("Who is notified, by a name of your choice."),
    critical: receiverNames.optional().describe("Receivers of critical alerts. Default: all except that of `deadMan`."),
    warning: receiverNames.optional().describe("Receivers of warnings. Default: all except that of `deadMan`."),
    info: receiverNames.default([]).describe("Receivers of information. Default: none."),
    deadMan: receiverName
      .optional()
      .describe(
        "Receiver of the alert Watchdog, which always fires, once a minute; it should report if the alert stays away.",
      ),
    groupBy: z
      .array(label)
      .min(1)
      .default(["stack", "alertname"])
      .describe("Labels: alerts with the same values of these are one notification."),
    wait: z
      .strictObject({
        critical: duration({ min: "0 seconds", max: "1 hour" }).default("10 seconds").describe("Of critical alerts."),
        other: duration({ min: "0 seconds", max: "1 hour" }).default("30 seconds").describe("Of all others."),
      })
      .prefault({})
      .describe("Time to wait for more alerts of a group before the first notification."),
    repeat: z
      .strictObject({
        critical: duration({ min: "1 minute", max: "5 days" }).default("1 hour").describe("Of critical alerts."),
        other: duration({ min: "1 minute", max: "5 days" }).default("12 hours").describe("Of all others."),
      })
      .prefault({})
      .describe("Time after which an alert that still fires is notified again."),
    quietHours: z
      .array(quietHours)
      .default([])
      .describe(
        "Periods in which only critical alerts are notified. An alert that still fires afterwards is notified then.",
      ),
  })
  .describe("Which receivers get which alerts.");

export const monitoringSchema = z
  .strictObject({
    enabled: z
      .boolean()
      .optional()
      .describe(
        "Whether the stack has Prometheus and Alertmanager. Default: true on this machine; elsewhere they are yours.",
      ),
    retention: duration({ min: "1 hour", max: "3650 days" })
      .default("15 days")
      .describe(
        "Time that Prometheus keeps metrics. Alerts look back up to 14 days; with less, they compare with less.",
      ),
    disk: size({ min: "256 MB", max: "100 TB" })
      .default("2 GB")
      .describe("Disk that these may take; the oldest are deleted first."),
    routing: routingSchema.prefault({}),
  })
  .describe("Prometheus and Alertmanager.");

export type MonitoringSettings = z.output<typeof monitoringSchema>;
export type RoutingSettings = z.output<typeof routingSchema>;
export type Receiver = z.output<typeof receiverSchema>;
export type QuietHours = z.output<typeof quietHours>;
