import { main } from "../../../providers/plugin/server";
import { ledPostgresqlPlugin } from "./plugin";

main(ledPostgresqlPlugin());
