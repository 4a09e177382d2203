// @ts-check
/** The snapshot of /growth. */
import draw from "../../../kvfront/figures/growth/live.js";
import { open } from "./snapshot.js";

open(draw);
