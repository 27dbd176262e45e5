import { Failure } from "../../tools/failure";

/** There is no object of that name. */
export class Missing extends Failure {}
