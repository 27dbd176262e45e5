import { main } from "../../runtime/server";
import { randomPlugin } from "./plugin";

main(randomPlugin);
