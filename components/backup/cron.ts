import { Cron } from "croner";

/** A schedule in UTC. Throws if the text is invalid. @param stopAt the end of its runs; default: none */
const parse = (text: string, stopAt?: Date): Cron =>
  new Cron(text, { utcOffset: 0, ...(stopAt === undefined ? {} : { stopAt }) });

/** Five fields in one line: croner also reads six, the first of them seconds, and takes a newline for a blank; the schedulers do not. */
const fiveFields = /^ *[!-~]+( +[!-~]+){4} *$/;

/** True for five cron fields that name at least one moment. */
export function isCron(text: string): boolean {
  if (!fiveFields.test(text)) return false;
  try {
    return parse(text).nextRun() !== null;
  } catch {
    return false;
  }
}

/** Enough for four years of daily runs, and for every pattern of weekdays in denser ones. */
const runsChecked = 1500;
const found = new Map<string, readonly Date[]>();

/** Without days of the month and months, all weeks of a schedule are the same. */
const repeatsWeekly = /^ *\S+ +\S+ +\* +\* /;

/** Three weeks after 1970 began: two pauses of a weekly schedule. */
const someWeeks = new Date(3 * 7 * 24 * 3_600_000);

/** The first 1,500 runs of a schedule after 1970 began, or those of three weeks if no week differs. Throws if it is not one. */
export function runsOf(schedule: string): readonly Date[] {
  // Several rules ask about one schedule, and 1,500 weekly runs take 50 ms to find.
  const end = repeatsWeekly.test(schedule) ? someWeeks : undefined;
  const runs = found.get(schedule) ?? parse(schedule, end).nextRuns(runsChecked, new Date(0));
  found.set(schedule, runs);
  return runs;
}

/** Milliseconds of the longest pause between two of these runs. */
export function longestPause(schedule: string): number {
  const runs = runsOf(schedule);
  const pauses = runs.slice(1).map((run, index) => run.getTime() - (runs[index]?.getTime() ?? 0));
  return Math.max(0, ...pauses);
}
