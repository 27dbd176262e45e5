import { LocalHost } from "../../components/platforms/local/host";
import { localSchema } from "../../components/platforms/local/schema";
import { hostContract } from "../support/platform-contract";
import { settingsOf } from "../support/graph";

Object.assign(process.env, {
  HOWDAH_PYTHON: "/opt/python",
  HOWDAH_SUPERCRONIC: "/opt/supercronic",
  HOWDAH_NODE: "/opt/node",
  HOWDAH_OPS: "/opt/howdah.cjs",
});

hostContract("this machine", {
  settings: () => settingsOf("local"),
  host: (input, settings) => new LocalHost(input, settings.local ?? localSchema.parse({})),
});
