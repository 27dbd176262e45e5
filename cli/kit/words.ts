import { InvalidArgumentError } from "commander";
import { duration, toMilliseconds } from "../../lib/values";

/** Milliseconds of a duration on the command line, such as "2 hours". @throws InvalidArgumentError where the text is none */
export function parseDuration(text: string): number {
  const { data, error } = duration().safeParse(text);
  if (error !== undefined) throw new InvalidArgumentError(error.issues[0]?.message ?? "no duration");
  return toMilliseconds(data);
}
