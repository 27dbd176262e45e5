import { main } from "../../plugin/server";
import { randomPlugin } from "./plugin";

main(randomPlugin);
