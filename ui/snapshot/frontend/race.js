// @ts-check
/** The snapshot of /timing. */
import draw from "../../components/frontend/race.js";
import { open } from "./snapshot.js";

open(draw);
