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

const WATCHED = 4000; // ms that a person needs to see a race

/**
 * The speeds at which a race is replayed, the one to begin with first: a race of milliseconds is
 * slowed down until its slow lane takes about four seconds, in a factor of two digits at most.
 * @param {number} end ms of the slow lane @returns {number[]} 1 is true speed
 */
export function speeds(end) {
  const slower = WATCHED / end;
  if (slower < 1.5) return [1, 0.25, 4];
  return [1 / Number(slower.toPrecision(slower < 10 ? 1 : 2)), 1];
}

/** Which of the texts names a speed, and its factor. @param {number} speed */
export function named(speed) {
  if (speed === 1) return { name: "true", factor: 1 };
  return speed < 1
    ? { name: "slow", factor: Math.round(1 / speed) }
    : { name: "fast", factor: Math.round(speed) };
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
