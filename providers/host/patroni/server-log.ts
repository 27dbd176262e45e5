import { runAsService } from "../../../lib/process/task";
import { kB } from "../../../lib/units";

/** What a line of a server's log says, without its prefix. */
const says = /(?:LOG|FATAL|PANIC|HINT|DETAIL): .*|^postgres: .*/;
const ends = /(?:FATAL|PANIC): |^postgres: /;
/** A session's lines name its database in our prefix; those of the server itself do not. */
const ofSession = /\bdb=[^,\s]/;
/** PostgreSQL names every bad parameter in a line of its own, before it says that the file contains errors. */
const namesParameter = /LOG: .*(parameter|value)\b/;
const containsErrors = /FATAL: .*contains errors/;

/** The time of a line, in milliseconds; undefined for a line without one. */
function timeOf(line: string): number | undefined {
  const [, date, time] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d+) (?:UTC|GMT)/.exec(line) ?? [];
  return date === undefined || time === undefined ? undefined : Date.parse(`${date}T${time}Z`);
}

/**
 * Why a server ended, or did not start: its last FATAL line with hint and detail, and the parameters that it names before.
 * @param log the end of its log, with `log_timezone = UTC`
 * @param since lines before this time do not count; milliseconds. Default: all count
 */
export function startProblem(log: string, since = 0): string | undefined {
  const lines = log.split("\n").filter((line) => !ofSession.test(line) && (timeOf(line) ?? since) >= since);
  const at = lines.findLastIndex((line) => ends.test(line));
  if (at < 0) return undefined;
  const last = lines[at] ?? "";
  const before = lines.slice(0, at);
  const named = containsErrors.test(last) ? before.filter((line) => namesParameter.test(line)) : [];
  const after = lines.slice(at + 1, at + 4).filter((line) => /(?:HINT|DETAIL): /.test(line));
  const all = [...(named.length > 0 ? named : [last]), ...after];
  return [...new Set(all.map((line) => (says.exec(line)?.[0] ?? line).trim()))].join("\n");
}

/** Bytes of the end of a log that are read. */
const tail = 64 * kB;

/** The newest file of each pattern: a server's own log has one file for each day of the week. */
const script = `for name in "$@"; do
  newest=$(ls -t -- $name 2>/dev/null | head -n 1)
  [ -z "$newest" ] || tail -q -c ${tail} -- "$newest"
done`;

/**
 * Why a member's server does not start, by Patroni's log (until the collector runs, the server writes there) and by its own.
 * Read as the service user, who writes them: never more than he may read himself, and the end only.
 * @param folder of the logs
 */
export async function memberProblem(
  folder: string,
  member: { readonly name: string; readonly service: string },
  since: number,
): Promise<string | undefined> {
  const patterns = [`${folder}/${member.service}.log`, `${folder}/postgresql-${member.name}-*.log`];
  const logs = await Promise.all(
    patterns.map((pattern) => runAsService(["sh", "-c", script, "sh", pattern]).catch(() => "")),
  );
  const found = logs.map((log) => startProblem(log, since));
  return found.find((reason) => reason !== undefined);
}
