import fc from "fast-check";
import { parse } from "yaml";
import { routingFiles, timeIntervals } from "../../../../components/monitoring/routing";
import { monitoringSchema, type QuietHours, weekdays } from "../../../../components/monitoring/schema";
import { receivers, secrets } from "../../../support/monitoring/receivers";

const { url, routingKey } = secrets;

const version = (release: string): string => `alertmanager, version ${release} (branch: debian/sid, revision: 1)`;

function files(routing: object, release = "0.25.0") {
  const parsed = monitoringSchema.parse({ routing }).routing;
  return routingFiles({ routing: parsed, version: version(release), secretFile: (name) => `/secrets/${name}` });
}

interface Route {
  readonly receiver?: string;
  readonly matchers?: string[];
  readonly group_wait?: string;
  readonly repeat_interval?: string;
  readonly group_interval?: string;
  readonly mute_time_intervals?: string[];
  readonly continue?: boolean;
  readonly routes?: Route[];
}
interface Configuration {
  readonly route: Route;
  readonly receivers: Record<string, unknown>[];
  readonly inhibit_rules: Record<string, string[]>[];
}

const configuration = (routing: object, release?: string): Configuration =>
  parse(files(routing, release).configuration) as Configuration;

const routeOf = ({ route }: Configuration, matcher: string): Route =>
  route.routes?.find(({ matchers }) => matchers?.includes(matcher) === true) ?? {};

const revealed = (routing: object, release?: string): Record<string, string> =>
  Object.fromEntries(Object.entries(files(routing, release).secrets).map(([name, secret]) => [name, secret.reveal()]));

describe("secrets", () => {
  test("are in files of their own, which the configuration names", () => {
    expect(revealed({ receivers }, "0.27.0")).toEqual({
      "team.slack-url": url,
      "oncall.pagerduty-key": routingKey,
      "mail.email-password": "word-for-smtp",
      "hook.webhook-url": "https://example.com/hook/very-secret",
      "hook.webhook-token": "bearer-token",
    });
    const { configuration: text, isSecret, secrets } = files({ receivers }, "0.27.0");
    expect(isSecret).toBe(false);
    for (const [name, secret] of Object.entries(secrets)) {
      expect(text).toContain(`/secrets/${name}`);
      expect(text).not.toContain(secret.reveal());
    }
  });

  test("of a webhook are in the configuration if that Alertmanager cannot read them from a file, which makes it one", () => {
    const { configuration: text, isSecret, secrets } = files({ receivers });
    expect(isSecret).toBe(true);
    expect(text).toContain("url: https://example.com/hook/very-secret");
    expect(text).not.toContain("url_file: /secrets/hook.webhook-url");
    expect(Object.keys(secrets)).not.toContain("hook.webhook-url");
    expect(text).not.toContain("bearer-token");
    expect(files({ receivers: { team: receivers.team } }).isSecret).toBe(false);
  });
});

describe("routes", () => {
  test("without receivers notify no one", () => {
    const { route, receivers: all } = configuration({});
    expect(all).toEqual([{ name: "none" }]);
    expect(route.receiver).toBe("none");
    expect(route.routes?.map(({ receiver, routes = [] }) => [receiver, routes])).toEqual([
      ["none", []],
      [undefined, []],
      [undefined, []],
      [undefined, []],
    ]);
  });

  test("have short times for critical alerts, and longer ones for others", () => {
    const all = configuration({ receivers });
    expect(routeOf(all, 'severity="critical"')).toMatchObject({ group_wait: "10s", repeat_interval: "3600s" });
    expect(routeOf(all, 'severity="warning"')).toMatchObject({ group_wait: "30s", repeat_interval: "43200s" });
    const changed = { receivers, wait: { critical: "0 seconds" }, repeat: { other: "2 days" } };
    expect(routeOf(configuration(changed), 'severity="critical"').group_wait).toBe("0s");
    expect(routeOf(configuration(changed), 'severity="warning"').repeat_interval).toBe("172800s");
  });

  test("send Watchdog to its own receiver, which gets nothing else unless named, at each interval of its group", () => {
    const all = configuration({ receivers, deadMan: "hook" });
    const { receiver, group_interval, repeat_interval } = routeOf(all, 'alertname="Watchdog"');
    expect(receiver).toBe("hook");
    expect(group_interval).toBe("1m");
    // Not quite the interval: see routing.ts.
    expect(Number.parseInt(repeat_interval ?? "")).toBeLessThan(60);
    const names = routeOf(all, 'severity="critical"').routes?.map((one) => one.receiver);
    expect(names).toEqual(["team", "oncall", "mail"]);
    expect(
      routeOf(configuration({ receivers, deadMan: "hook", critical: ["hook"] }), 'severity="critical"').routes,
    ).toEqual([{ receiver: "hook", continue: false }]);
  });

  test("are muted in quiet hours, those of critical alerts excepted", () => {
    const all = configuration({ receivers, info: ["team"], quietHours: [{ from: "22:00", to: "07:00" }] });
    const muted = (matcher: string) => routeOf(all, matcher).routes?.map((one) => one.mute_time_intervals);
    expect(new Set(muted('severity="critical"'))).toEqual(new Set([undefined]));
    expect(muted('severity="warning"')).toEqual([["quiet-hours"], ["quiet-hours"], ["quiet-hours"], ["quiet-hours"]]);
    expect(muted('severity="info"')).toEqual([["quiet-hours"]]);
  });
});

test("no rule of inhibition holds Watchdog back, not even while everything is broken", () => {
  const rules = configuration({}).inhibit_rules;
  const labels: Record<string, string> = {
    alertname: "Watchdog",
    severity: "info",
    nature: "cause",
    stack: "local",
  };
  const matches = (matcher: string): boolean => {
    const [, name = "", operator = "", value = ""] = /^(\w+)(=~|!~|!=|=)"(.*)"$/.exec(matcher) ?? [];
    const found = labels[name] ?? "";
    const equal = operator.endsWith("~") ? new RegExp(`^(?:${value})$`).test(found) : found === value;
    return operator.startsWith("!") ? !equal : equal;
  };
  expect(rules.length).toBeGreaterThan(0);
  // With an equal name it would have to hold itself back, and it has one level only.
  for (const { target_matchers = [], equal = [] } of rules)
    expect(target_matchers.every(matches) && !equal.includes("alertname")).toBe(false);
});

describe("quiet hours", () => {
  const clock = (minutes: number): string =>
    `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  const minuteOfDay = fc.integer({ min: 0, max: 1439 });

  test("cover the minutes of the period, past midnight too, and no other", () => {
    fc.assert(
      fc.property(fc.subarray([...weekdays], { minLength: 1 }), minuteOfDay, minuteOfDay, (days, begin, end) => {
        const hours: QuietHours = { days, from: clock(begin), to: clock(end), timeZone: "UTC" };
        const expected = new Set<number>();
        const length = end > begin ? end - begin : 1440 - begin + end;
        for (const day of days)
          for (let minute = 0; minute < length; minute++)
            expected.add((weekdays.indexOf(day) * 1440 + begin + minute) % (7 * 1440));
        const covered = new Set<number>();
        for (const interval of timeIntervals(hours) as {
          times: { start_time: string; end_time: string }[];
          weekdays: (typeof weekdays)[number][];
        }[])
          for (const day of interval.weekdays)
            for (const { start_time, end_time } of interval.times)
              for (let minute = minutesOf(start_time); minute < minutesOf(end_time); minute++)
                covered.add(weekdays.indexOf(day) * 1440 + minute);
        expect([...covered].sort()).toEqual([...expected].sort());
      }),
      { numRuns: 20 },
    );
  });
});
