/** A field of a cron line: its range, and names that stand for its first values. */
interface Field {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] as const;
const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

const minuteField: Field = { min: 0, max: 59, names: [] };
const hourField: Field = { min: 0, max: 23, names: [] };
const dayField: Field = { min: 1, max: 31, names: [] };
const monthField: Field = { min: 1, max: 12, names: months };
/** Sunday is 0 and 7. */
const weekdayField: Field = { min: 0, max: 7, names: weekdays };

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

function valueOf(text: string, { min, max, names }: Field): number | undefined {
  const named = names.indexOf(text.toUpperCase());
  const value = named >= 0 ? named + min : Number(text);
  return /^\w+$/.test(text) && value >= min && value <= max ? value : undefined;
}

/** Values of one element of a list: a star, a value or a range, each with a step. */
function elementValues(element: string, field: Field): number[] | undefined {
  const [, span = "", step = "1"] = /^([^/]+)(?:\/(\d+))?$/.exec(element) ?? [];
  const ends = span === "*" ? [field.min, field.max] : span.split("-").map((end) => valueOf(end, field));
  const [from, to = element.includes("/") ? field.max : from] = ends;
  if (from === undefined || to === undefined || ends.includes(undefined) || ends.length > 2 || Number(step) < 1)
    return undefined;
  return range(from, to).filter((value) => (value - from) % Number(step) === 0);
}

/** All values of a field, sorted; undefined for what is beyond plain cron, such as `L` or `#`. */
function valuesOf(text: string, field: Field): number[] | undefined {
  const lists = text.split(",").map((element) => elementValues(element, field));
  if (lists.some((list) => list === undefined)) return undefined;
  return [...new Set(lists.flatMap((list) => list ?? []))].sort((left, right) => left - right);
}

const every = (values: readonly number[], { min, max }: Field): boolean => values.length === max - min + 1;

/** A star, a range or a list: the forms that AWS reads in every field. */
function written(values: readonly number[], field: Field, word: (value: number) => string = String): string {
  const [first = field.min] = values;
  const last = values.at(-1) ?? first;
  if (every(values, field)) return "*";
  const gapless = values.length > 2 && last - first === values.length - 1;
  return gapless ? `${word(first)}-${word(last)}` : values.map((value) => word(value)).join(",");
}

/** AWS counts weekdays from 1, cron from 0: names mean the same to both. */
const weekday = (value: number): string => weekdays[value] ?? String(value);
const week: Field = { ...weekdayField, max: 6 };

/** Days of the month and of the week: one of them has to be `?`. Undefined if each of them narrows. */
function dayFields(dayText: string, weekdayText: string): readonly [string, string] | undefined {
  const days = valuesOf(dayText, dayField);
  const raw = valuesOf(weekdayText, weekdayField);
  if (days === undefined || raw === undefined) return undefined;
  const inWeek = [...new Set(raw.map((value) => value % 7))].sort((left, right) => left - right);
  if (weekdayText === "*") return [written(days, dayField), "?"];
  if (dayText === "*") return ["?", written(inWeek, week, weekday)];
  // Cron runs on a day that matches either.
  return every(days, dayField) || every(inWeek, week) ? ["*", "?"] : undefined;
}

/**
 * The expression of AWS for a cron line in UTC, such as `cron(0 1 ? * SUN *)` for `0 1 * * 0`.
 * @param schedule five fields; https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 * @returns undefined if AWS has none: days of the month and of the week at once, or letters such as `L` and `#`
 */
export function awsCron(schedule: string): string | undefined {
  const [minute = "", hour = "", day = "", month = "", weekdayText = "", ...rest] = schedule.trim().split(/\s+/);
  const minutes = valuesOf(minute, minuteField);
  const hours = valuesOf(hour, hourField);
  const inYear = valuesOf(month, monthField);
  const days = dayFields(day, weekdayText);
  if (minutes === undefined || hours === undefined || inYear === undefined || days === undefined || rest.length > 0)
    return undefined;
  const [ofMonth, ofWeek] = days;
  const time = `${written(minutes, minuteField)} ${written(hours, hourField)}`;
  return `cron(${time} ${ofMonth} ${written(inYear, monthField)} ${ofWeek} *)`;
}

/** As `awsCron`, for a schedule that the config's rules have let through. Throws if AWS has none. */
export function requiredAwsCron(schedule: string): string {
  const expression = awsCron(schedule);
  if (expression === undefined) throw new Error(`AWS cannot express the schedule "${schedule}"`);
  return expression;
}

/** How often within an hour a schedule may come due. */
export const minutesOf = (schedule: string): number =>
  valuesOf(schedule.trim().split(/\s+/)[0] ?? "", minuteField)?.length ?? 0;
