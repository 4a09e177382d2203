// @ts-check
/** The snapshot of /. */
import draw from "../../components/frontend/shelf.js";
import { open } from "./snapshot.js";

open(draw);
