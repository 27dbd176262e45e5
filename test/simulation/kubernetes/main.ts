import { main } from "../../../providers/runtime/server";
import { World } from "../world";
import { kubernetesPlugin } from "./plugin";

main(kubernetesPlugin(World.ofEnvironment()));
