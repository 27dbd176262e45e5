import { platformContract } from "../support/platform-contract";
import { settingsOf } from "../support/graph";

Object.assign(process.env, {
  HOWDAH_PYTHON: "/opt/python",
  HOWDAH_SUPERCRONIC: "/opt/supercronic",
  HOWDAH_PGBOUNCER: "/opt/pgbouncer",
  HOWDAH_NODE: "/opt/node",
  HOWDAH_OPS: "/opt/howdah.cjs",
});

platformContract("this machine", () => settingsOf("local"));
