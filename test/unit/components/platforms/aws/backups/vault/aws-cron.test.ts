import { Cron } from "croner";
import fc from "fast-check";
import { isCron } from "../../../../../../../components/backup/cron";
import { defaultTiers, tierNames } from "../../../../../../../contracts/tiers";
import {
  awsCron,
  minutesOf,
  requiredAwsCron,
} from "../../../../../../../components/platforms/aws/backups/vault/aws-cron";

test.each([
  ["0 1 * * 0", "cron(0 1 ? * SUN *)"],
  ["0 1 * * 7", "cron(0 1 ? * SUN *)"],
  ["0 1 * * 1-6", "cron(0 1 ? * MON-SAT *)"],
  ["0 1 * * mon,Fri", "cron(0 1 ? * MON,FRI *)"],
  ["30 1 1 * *", "cron(30 1 1 * ? *)"],
  ["*/15 * * * *", "cron(0,15,30,45 * * * ? *)"],
  ["0 2-23 * * *", "cron(0 2-23 * * ? *)"],
  ["0 5 * jan-MAR *", "cron(0 5 * 1-3 ? *)"],
])("%s is %s on AWS", (schedule, expression) => {
  expect(awsCron(schedule)).toBe(expression);
});

test.each(["0 1 1 * 0", "0 1 L * *", "0 1 * * 1#2", "0 1 * *", "0 1 * * * *", "60 1 * * *", "x 1 * * *", "0 1 ? * 1"])(
  "%s is refused",
  (schedule) => {
    expect(awsCron(schedule)).toBeUndefined();
    expect(() => requiredAwsCron(schedule)).toThrow(`AWS cannot express the schedule "${schedule}"`);
  },
);

test("AWS can express the schedules of every profile", () => {
  const tiers = defaultTiers("production");
  for (const name of tierNames) {
    const { schedule } = tiers[name];
    if (schedule !== null) expect(awsCron(schedule)).toMatch(/^cron\(/);
  }
});

test("the number of runs within an hour is known", () => {
  expect(minutesOf("30 1 * * *")).toBe(1);
  expect(minutesOf("*/20 1 * * *")).toBe(3);
});

const names = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** An independent reading of what AWS documents: stars, question marks, ranges and lists; Sunday is 1. */
function matches(field: string, value: number): boolean {
  const numbered = names.reduce((text, name, index) => text.replaceAll(name, String(index + 1)), field);
  return numbered.split(",").some((part) => {
    if (part === "*" || part === "?") return true;
    const [from = Number.NaN, to = from] = part.split("-").map(Number);
    return value >= from && value <= to;
  });
}

function isDue(expression: string, at: Date): boolean {
  const [minute, hour, day, month, weekday, year] = expression.slice("cron(".length, -1).split(" ");
  expect([day, weekday].filter((field) => field === "?")).toHaveLength(1);
  expect(year).toBe("*");
  return (
    matches(minute!, at.getUTCMinutes()) &&
    matches(hour!, at.getUTCHours()) &&
    matches(day!, at.getUTCDate()) &&
    matches(month!, at.getUTCMonth() + 1) &&
    matches(weekday!, at.getUTCDay() + 1)
  );
}

const element = (min: number, max: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.integer({ min, max }).map(String),
    fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map((ends) => ends.sort((a, b) => a - b).join("-")),
    fc.integer({ min: 1, max: Math.max(2, max) }).map((step) => `*/${step}`),
  );

const field = (min: number, max: number): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant("*") },
    { weight: 3, arbitrary: fc.array(element(min, max), { minLength: 1, maxLength: 3 }).map((list) => list.join(",")) },
  );

const schedules = fc
  .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7))
  .map((fields) => fields.join(" "))
  .filter(isCron);

const isNext = (cron: Cron, at: Date): boolean =>
  cron.nextRun(new Date(at.getTime() - 1000))?.getTime() === at.getTime();

test("a schedule comes due at the same moments in AWS as in cron", () => {
  fc.assert(
    fc.property(
      schedules,
      fc.date({ min: new Date("2026-01-01"), max: new Date("2029-01-01"), noInvalidDate: true }),
      (schedule, start) => {
        const expression = awsCron(schedule);
        fc.pre(expression !== undefined);
        const cron = new Cron(schedule, { utcOffset: 0 });
        const runs = cron.nextRuns(8, start);
        for (const run of runs)
          expect({ schedule, expression, run, due: isDue(expression, run) }).toMatchObject({ due: true });
        // And at no other minute: neighbours of the runs, and of where the search began.
        const around = [start, ...runs].flatMap((run) =>
          [-1440, -60, -1, 1, 60, 1440].map((step) => step * 60_000 + run.getTime()),
        );
        for (const at of around.map((time) => new Date(Math.floor(time / 60_000) * 60_000)))
          expect({ schedule, expression, at, due: isDue(expression, at) }).toMatchObject({ due: isNext(cron, at) });
      },
    ),
    { numRuns: 60 },
  );
});
