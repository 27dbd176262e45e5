import { host } from "../../../stacks/host-aws";
import { hostContract } from "../../contracts/host";
import { variants } from "../../support/cloud-graph";
import { settingsOf } from "../../support/graph";

for (const [name, [stack, change]] of Object.entries(variants))
  hostContract(`AWS and Kubernetes, ${name}`, {
    settings: () =>
      settingsOf(stack, (keys) => {
        change(keys as never);
      }),
    host,
  });
