import { describeSummary } from "../engine/events";
import { exitCodes } from "../kit/answer";
import { defineCommand } from "../kit/command";

/** What to say if not everything is well. */
function remarkOn({ good, serving }: { readonly good: boolean; readonly serving: boolean }): string | undefined {
  if (!serving) return "everything was created, but not everything works: see the checks above";
  return good ? undefined : "not everything works yet: `make status` shows the progress";
}

export const up = defineCommand({
  name: "up",
  group: "stack",
  summary: "Create or update the stack, and wait until it works",
  description:
    "Create or update a local stack to match its config, and wait until all of its services work. Installs missing programs first",
  on: "checkout",
  codes: { failed: "the engine failed, or a service of the stack does not work" },
  run: async (scope) => {
    const { up: work } = await import("../stack/up.js");
    const { code, advice, summary, status } = await work(scope);
    if (status === undefined) {
      if (advice !== undefined) scope.reporter.note(advice);
      return { data: { error: advice }, text: "", code };
    }
    const { text, ...seen } = status;
    const remark = remarkOn(status);
    return {
      data: { changes: summary?.resourceChanges, ...seen },
      text: summary === undefined ? text : `${text}\n${describeSummary(summary)}`,
      isPainted: true,
      ...(remark === undefined ? {} : { remark }),
      code: status.serving ? exitCodes.ok : exitCodes.failed,
    };
  },
});
