import { host } from "../../stacks/host-aws";
import { hostContract } from "../support/platform-contract";
import { variants } from "../support/clouds/cloud-graph";
import { settingsOf } from "../support/graph";

for (const [name, [stack, change]] of Object.entries(variants))
  hostContract(`AWS and Kubernetes, ${name}`, {
    settings: () =>
      settingsOf(stack, (keys) => {
        change(keys as never);
      }),
    host,
  });
