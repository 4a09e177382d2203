/** Where boxes lie, in upright stripes: one of thousands is compared with its neighbours alone. */

const STRIPE = 24; // px

/** @typedef {import("./context.js").Box} Box */

export class Area {
  constructor() {
    /** @type {Box[][]} */ this.stripes = [];
  }

  /** @param {Box} box */
  add(box) {
    for (let i = stripe(box[0]); i <= stripe(box[2]); i++) (this.stripes[i] ??= []).push(box);
  }

  /** Whether a box lies over any that is here. @param {Box} box */
  hits(box) {
    for (let i = stripe(box[0]); i <= stripe(box[2]); i++)
      if (this.stripes[i]?.some((each) => over(each, box))) return true;
    return false;
  }
}

/** The stripe of an x; all that lies left of the picture is in the first. */
const stripe = (x) => Math.max(0, Math.floor(x / STRIPE));

const over = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
