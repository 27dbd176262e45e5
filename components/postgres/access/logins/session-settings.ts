import { roleOf } from "../matrix";
import { type AccessPlan, type LoginStep, type SettingStep, stepsOf } from "../steps";
import type { Databases } from "../../schema";
import { sha256 } from "../../../../lib/text/hash";

/** What a session of each login starts with, as a text that changes with it; by database, then by login. */
export type SessionSettings = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What PostgreSQL reads once, when a session starts: an open one goes on with what was in force then. */
const textOf = (
  { statementTimeout, idleInTransactionTimeout, searchPath, assumeRole }: LoginStep,
  others: readonly SettingStep[],
): string =>
  JSON.stringify([
    statementTimeout,
    idleInTransactionTimeout,
    searchPath,
    assumeRole ?? null,
    ...others.map(({ setting, value }) => `${setting}=${value}`),
  ]);

/** Settings of the applications' logins. @param plan of the same databases */
export function sessionSettings(databases: Databases, plan: AccessPlan): SessionSettings {
  const settings = stepsOf(plan, "setting");
  const ofDatabase = (database: string): [string, Record<string, string>] => {
    const groups = (["owner", "readwrite", "readonly"] as const).map((group) => roleOf(group, database));
    const own = stepsOf(plan, "login").filter(
      ({ memberOf }) => memberOf.length === 1 && groups.includes(memberOf[0] ?? ""),
    );
    return [
      database,
      Object.fromEntries(
        own.map((login) => [
          login.role,
          textOf(
            login,
            settings.filter(({ role }) => role === login.role),
          ),
        ]),
      ),
    ];
  };
  return Object.fromEntries(Object.keys(databases).sort().map(ofDatabase));
}

/** A text that changes when any of the settings does. */
export const sessionsMark = (settings: SessionSettings): string => sha256(JSON.stringify(settings));
