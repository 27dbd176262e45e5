import type { MemberView } from "./members";

export const leaderOf = (view: readonly MemberView[]): MemberView | undefined =>
  view.find(({ role }) => role === "leader");
