import "./environment";
import { main } from "../plugin/server";
import { host } from "./host";

main(host);
