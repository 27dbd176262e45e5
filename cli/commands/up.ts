import { describeSummary } from "../engine/events";
import { exitCodes } from "../kit/answer";
import { defineCommand } from "../kit/command";

/** What to say if not everything is well. */
function remarkOn({ good, serving }: { readonly good: boolean; readonly serving: boolean }): string | undefined {
  if (!serving) return "everything was made, and not everything works: the checks above say what";
  return good ? undefined : "not everything is well yet: `make status` shows how it goes on";
}

export const up = defineCommand({
  name: "up",
  group: "stack",
  summary: "Create or change the stack, and wait until it works",
  description:
    "Create or change a stack of this machine as its config says, and wait until everything that serves it works. Installs first what is missing on the machine",
  on: "checkout",
  codes: { failed: "the engine failed, or something that serves the stack does not work" },
  run: async (scope) => {
    const { up: work } = await import("../stack/up.js");
    const { code, advice, summary, status } = await work(scope);
    if (status === undefined) {
      if (advice !== undefined) scope.voice.note(advice);
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
