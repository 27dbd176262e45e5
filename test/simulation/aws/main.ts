import { main } from "../../../providers/plugin/server";
import { World } from "../world";
import { awsPlugin } from "./plugin";

main(awsPlugin(World.ofEnvironment()));
