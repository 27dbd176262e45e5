import { kinds, lines } from "../connect/lines";
import { defineCommand } from "../kit/command";
import { argument, flag, oneOf, option } from "../kit/options";

export const connect = defineCommand({
  name: "connect",
  group: "stack",
  summary: "Open psql for an application, or print what its program needs to connect",
  description:
    "Open psql as an application, through the pooler; the exit code is psql's. With --print, print the lines for a shell or a driver instead, with the stack's own settings. Only `--print env` prints the password; the lines for drivers read the variables that it sets",
  on: "checkout",
  arguments: { app: argument("name of the application; default: the first one of the stack") },
  options: {
    readOnly: flag("use the application's read-only pool"),
    print: oneOf(option("<what>", "print lines instead"), kinds),
  },
  run: async (scope, { app, readOnly, print }) => {
    const { openPsql, targetOf } = await import("../stack/connect.js");
    const target = await targetOf(scope, { application: app, readOnly });
    if (print === undefined) return openPsql(target);
    const text = lines[print](target);
    return { data: { application: target.application, lines: text.split("\n") }, text };
  },
});
