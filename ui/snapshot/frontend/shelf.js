// @ts-check
/** The snapshot of /. */
import draw from "../../../kvfront/figures/shelf/live.js";
import { open } from "./snapshot.js";

open(draw);
