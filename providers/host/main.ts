import "./environment";
import { main } from "../runtime/server";
import { host } from "./host";

main(host);
