import { version } from "@pulumi/random/package.json";
import type { Plugin } from "../../runtime/resource";
import { bytes } from "./bytes";
import { id } from "./id";
import { password } from "./password";

/** A stand-in for the official `random` plugin, for machines that cannot download it. */
export const randomPlugin: Plugin = {
  name: "random",
  version,
  bridged: true,
  resources: {
    "random:index/randomBytes:RandomBytes": bytes,
    "random:index/randomId:RandomId": id,
    "random:index/randomPassword:RandomPassword": password,
  },
};
