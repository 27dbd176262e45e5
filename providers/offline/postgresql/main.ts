import { main } from "../../plugin/server";
import { postgresqlPlugin } from "./plugin";

main(postgresqlPlugin());
