import { main } from "../../../providers/runtime/server";
import { World } from "../world";
import { awsPlugin } from "./plugin";

main(awsPlugin(World.ofEnvironment()));
