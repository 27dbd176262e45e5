import { type Layout, layoutOf } from "../../components/platforms/local/layout";
import { localSchema } from "../../components/platforms/local/schema";

/** A layout with a replica and three etcd members. @param root default: `/var/lib/howdah/local` */
export function sampleLayout(root?: string): Layout {
  const settings = localSchema.parse({ portBase: 6400, ...(root === undefined ? {} : { stateDirectory: root }) });
  return layoutOf({ stack: "local", settings, replicas: 1, stateRoot: "/var/lib/howdah" });
}
