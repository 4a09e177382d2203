// @ts-check
/** The snapshot of /growth. */
import draw from "../../components/frontend/growth.js";
import { open } from "./snapshot.js";

open(draw);
