import { z } from "zod";
import { changedInputs, resource } from "../../runtime/resource";

const schema = z.strictObject({
  /** Config paths and their values. */
  values: z.record(z.string(), z.string()),
  /** What to do for another value, as a sentence. */
  advice: z.string().min(1),
});

type Inputs = z.output<typeof schema>;

function refuseChanges(old: Inputs, news: Inputs): void {
  const changed = Object.keys(old.values).filter((path) => old.values[path] !== news.values[path]);
  if (changed.length === 0) return;
  const list = changed.map(
    (path) => `${path} is "${old.values[path] ?? ""}" and cannot become "${news.values[path] ?? ""}"`,
  );
  throw new Error(`fixed once the stack exists: ${list.join("; ")}. ${news.advice}`);
}

/** Settings that cannot change under running servers: a change is refused at preview, before anything is touched. */
export const fixed = resource<Inputs, Inputs>({
  schema,
  diff: (old, news) => {
    refuseChanges(old.inputs, news);
    return changedInputs(old.inputs, news);
  },
  create: (inputs, context) => Promise.resolve({ id: context.name, state: inputs }),
  read: (old) => Promise.resolve(old.state),
  update: (_old, news) => Promise.resolve(news),
  delete: () => Promise.resolve(),
});
