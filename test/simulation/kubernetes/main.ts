import { main } from "../../../providers/plugin/server";
import { World } from "../world";
import { kubernetesPlugin } from "./plugin";

main(kubernetesPlugin(World.ofEnvironment()));
