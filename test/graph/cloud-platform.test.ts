import { platformContract } from "../support/platform-contract";
import { variants } from "../support/clouds/cloud-graph";
import { settingsOf } from "../support/graph";

for (const [name, [stack, change]] of Object.entries(variants))
  platformContract(`AWS and Kubernetes, ${name}`, () =>
    settingsOf(stack, (keys) => {
      change(keys as never);
    }),
  );
