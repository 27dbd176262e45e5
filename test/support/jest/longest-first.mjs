import Sequencer from "@jest/test-sequencer";

/** Files that take longest, the longest first: one that starts last leaves the other processors without work. */
const longest = ["backups", "changes", "faults", "drivers", "everything-gone", "interrupted-up", "stack", "bad-input"];

/** Order of the files that jest runs: those of the list, then the others in jest's own order. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const at = longest.findIndex((name) => path.endsWith(`/${name}.test.ts`));
      return at === -1 ? longest.length : at;
    };
    return super.sort(tests).toSorted((a, b) => rank(a) - rank(b));
  }
}
