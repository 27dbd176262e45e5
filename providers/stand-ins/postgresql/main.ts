import { main } from "../../runtime/server";
import { postgresqlPlugin } from "./plugin";

main(postgresqlPlugin());
