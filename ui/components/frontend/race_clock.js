/** The arithmetic of a race: which step a lane is in at a moment of the measured run. */

/** @param {ArrayLike<number>} ms of each step @returns {number[]} when each step ends */
export function ends(ms) {
  let at = 0;
  return Array.from(ms, (each) => (at += each));
}

/**
 * @param {number[]} ends @param {number} elapsed ms of the measured run
 * @returns {{done: number, share: number}} finished steps, and the share of the running one
 */
export function laneAt(ends, elapsed) {
  let done = 0;
  while (done < ends.length && ends[done] <= elapsed) done += 1;
  if (done === ends.length) return { done, share: 0 };
  const start = done ? ends[done - 1] : 0;
  return { done, share: (elapsed - start) / (ends[done] - start) };
}

/** A clock that runs from 0 to `end`, once a frame: where it is follows from the frames' times. */
export class Clock {
  /** @param {number} end ms @param {(elapsed: number, running: boolean) => void} moved */
  constructor(end, moved) {
    this.end = end;
    this.moved = moved;
    this.elapsed = 0;
    this.speed = 1;
    this.frame = 0;
  }

  get running() {
    return this.frame !== 0;
  }

  play() {
    if (this.running) return;
    if (this.elapsed >= this.end) this.elapsed = 0;
    this.before = null;
    this.frame = requestAnimationFrame((now) => this.#tick(now));
    this.moved(this.elapsed, true);
  }

  /** Stops, and goes to a moment if one is named. @param {number} [elapsed] */
  stop(elapsed = this.elapsed) {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.elapsed = Math.min(elapsed, this.end);
    this.moved(this.elapsed, false);
  }

  #tick(now) {
    this.elapsed += (now - (this.before ?? now)) * this.speed;
    this.before = now;
    if (this.elapsed >= this.end) return this.stop(this.end);
    this.frame = requestAnimationFrame((then) => this.#tick(then));
    this.moved(this.elapsed, true);
  }
}
