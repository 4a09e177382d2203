// @ts-check
/** The snapshot of /timing. */
import draw from "../../../kvfront/figures/race/live.js";
import { open } from "./snapshot.js";

open(draw);
