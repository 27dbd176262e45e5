import type { z } from "zod";
import { fixedSchema } from "../../../contracts/host-resources/machine";
import { changedInputs, resource } from "../../runtime/resource";

type Inputs = z.output<typeof fixedSchema>;

function refuseChanges(old: Inputs, news: Inputs): void {
  const changed = Object.keys(old.values).filter((path) => old.values[path] !== news.values[path]);
  if (changed.length === 0) return;
  const list = changed.map(
    (path) => `${path} is "${old.values[path] ?? ""}" and cannot become "${news.values[path] ?? ""}"`,
  );
  throw new Error(`cannot change after the stack was created: ${list.join("; ")}. ${news.advice}`);
}

/** Settings that cannot change under running servers: a change is refused at preview, before anything is touched. */
export const fixed = resource<Inputs, Inputs>({
  schema: fixedSchema,
  diff: (old, news) => {
    refuseChanges(old.inputs, news);
    return changedInputs(old.inputs, news);
  },
  create: (inputs, context) => Promise.resolve({ id: context.name, state: inputs }),
  read: (old) => Promise.resolve(old.state),
  update: (_old, news) => Promise.resolve(news),
  delete: () => Promise.resolve(),
});
