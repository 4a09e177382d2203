/** kv.race: two measured runs on one clock, replayed at the speed they had or slow enough to see. */
import { palette } from "../../shared/color.js";
import { element, mount, reducedMotion } from "../../shared/figure.js";
import { fill } from "../../shared/format.js";
import { draw } from "../../shared/player.js";
import { Clock, named, speeds } from "./clock.js";
import { Lane } from "./lane.js";
import { LANES, lanesOf, seconds } from "./lanes.js";

let races = 0; // radio buttons of one race share a name of their own

class Race {
  /** @param {import("../../shared/figure.js").Stage} stage */
  constructor({ root }) {
    this.root = root;
    this.group = `kv-race-${(races += 1)}`;
    // Nobody watches a hidden page: the race waits rather than running to its end unseen.
    this.hidden = () => document.hidden && this.clock?.running && this.clock.stop();
    document.addEventListener("visibilitychange", this.hidden);
  }

  update(block) {
    this.clock?.stop();
    const race = lanesOf(block);
    this.text = race.text;
    this.running = null;
    this.box = element("div", "kv-race");
    this.box.setAttribute("role", "group");
    this.box.setAttribute("aria-label", this.text.label);
    this.note = element("p", "kv-race-note");
    this.lanes = {};
    this.result = element("p", "kv-race-result");
    this.live = element("p", "kv-hidden");
    this.live.setAttribute("aria-live", "polite");
    const { end } = race;
    const choices = speeds(end);
    this.box.append(this.note, this.#controls(choices));
    for (const run of race.runs) this.lanes[run.name] = new Lane(this.box, run, race);
    const small = element("p", "kv-race-small", this.text.milliseconds);
    this.box.append(this.result, small, this.live);
    this.root.replaceChildren(this.box);
    const { cached, recomputed } = this.lanes;
    this.result.textContent = fill(this.text.result, {
      cached: seconds(cached.total, end), recomputed: seconds(recomputed.total, end),
    });
    this.clock = new Clock(end, (elapsed, running) => this.#show(elapsed, running));
    this.#setSpeed(choices[0]);
    this.repaint();
    // Without motion there is nothing to replay: the end, with every step's milliseconds.
    const still = reducedMotion();
    this.controls.hidden = still;
    this.note.hidden = still;
    this.clock.stop(still ? end : 0);
    this.live.textContent = "";
  }

  repaint() {
    const p = palette(this.root);
    this.box.style.setProperty("--kv-muted", p.muted);
    for (const [name, hue] of Object.entries(LANES)) {
      this.lanes[name].node.style.setProperty("--kv-hue", p[hue]);
      this.lanes[name].node.style.setProperty("--kv-ink", p.ink[hue]);
    }
  }

  dispose() {
    document.removeEventListener("visibilitychange", this.hidden);
    this.clock?.stop();
  }

  /** @param {number[]} choices of speed, the one to begin with first */
  #controls(choices) {
    const { text } = this;
    this.controls = element("div", "kv-race-controls");
    this.controls.setAttribute("role", "group");
    this.controls.setAttribute("aria-label", text.controls);
    const button = (act) => {
      const made = element("button", "kv-button kv-race-button");
      made.type = "button";
      made.addEventListener("click", act);
      return made;
    };
    this.toggle = button(() => (this.clock.running ? this.clock.stop() : this.clock.play()));
    const restart = button(() => {
      this.clock.stop(0);
      this.clock.play();
    });
    face(restart, "back", text.restart);
    const speeds = element("fieldset", "kv-race-speeds");
    speeds.append(element("legend", "", text.speed));
    for (const speed of [...choices].sort((a, b) => a - b)) {
      const choice = element("label");
      const radio = element("input");
      Object.assign(radio, { type: "radio", name: this.group, checked: speed === choices[0] });
      radio.addEventListener("change", () => this.#setSpeed(speed));
      const { name, factor } = named(speed);
      choice.append(radio, element("span", "", fill(text[`speed_${name}`], { factor })));
      speeds.append(choice);
    }
    this.time = element("span", "kv-race-clock");
    this.controls.append(this.toggle, restart, this.time, speeds);
    return this.controls;
  }

  #setSpeed(speed) {
    this.clock.speed = speed;
    const { name, factor } = named(speed);
    this.note.textContent = fill(this.text[`note_${name}`], { factor });
  }

  #show(elapsed, running) {
    const { cached, recomputed } = this.lanes;
    for (const lane of [cached, recomputed]) lane.show(elapsed);
    this.time.textContent = fill(this.text.clock, { seconds: seconds(elapsed, this.clock.end) });
    if (running !== this.running) {
      face(this.toggle, running ? "pause" : "play", running ? this.text.pause : this.text.play);
      this.running = running;
    }
    const over = elapsed >= this.clock.end;
    this.box.classList.toggle("kv-over", over);
    const states = [cached, recomputed].map((lane) => lane.state(elapsed)).join(" ");
    if (!running) this.live.textContent = over ? this.result.textContent : elapsed > 0 ? states : "";
  }
}

/** A button with its shape and its name in sight. */
function face(button, shape, name) {
  draw(button, shape);
  button.append(element("span", "", name));
}

/** @param {any} component what Streamlit passes */
export default function race(component) {
  return mount(component, (stage) => new Race(stage));
}
