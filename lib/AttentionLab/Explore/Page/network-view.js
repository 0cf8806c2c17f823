// One network of the page: what it says of the picture, and its maps over it.

import { bars, choice, element } from './controls.js';
import { bytesOf, colorIndexes, fill, mapOf, mapOfChannel, numberText, percentText } from './maps.js';
import { ask, askJson, askLines } from './server.js';
import { Viewer } from './viewer.js';

const mostBars = 5;

export class NetworkView {
  /** index: which network; about: what the server says of it; page: { words, colors, choices }. */
  constructor(index, about, page) {
    [this.index, this.about, this.page] = [index, about, page];
    this.class = null; // the predicted one
    this.viewer = new Viewer(page.words, page.colors);
    this.says = element('p', { class: 'says', 'aria-live': 'polite' });
    this.classes = element('div', { class: 'classes', role: 'group', 'aria-label': page.words.class });
    this.layer = choice(page.words.layer, 'layer', [], () => this.explain());
    this.error = element('p', { class: 'error', role: 'alert', hidden: true });
    this.progress = element('progress', { max: 1, value: 0, 'aria-label': page.words.progress });
    this.stopButton = element('button', { type: 'button', class: 'stop', click: () => this.stop() }, page.words.stop);
    this.busy = element('div', { class: 'busy' }, this.progress, this.stopButton);
    this.busy.style.visibility = 'hidden'; // keeps its place, so that nothing jumps
    this.channels = element('div', { class: 'channels', role: 'group', 'aria-label': page.words.channels });
    this.element = element('section', { class: 'network', 'aria-label': about.name },
      element('h2', { title: about.about }, about.name), ...about.notes.map(note => element('p', { class: 'note' }, note)),
      this.viewer.element,
      element('div', { class: 'answers' }, this.busy, this.error, this.says, this.classes, this.layer, this.channels));
  }

  /** Shows a new picture and what the network says of it, and asks for its map. */
  async show(picture) {
    this.stop();
    this.picture = picture;
    this.class = null;
    this.maps = [];
    this.channels.replaceChildren();
    this.viewer.lay();
    await this.viewer.show(picture);
    const answer = picture.answers[this.index];
    this.showError(answer.error ?? null);
    this.probabilities = this.first = answer.probabilities ?? null;
    const layer = this.layer.querySelector('select').value, layers = answer.layers ?? [];
    this.layer.fill(layers.map(name => [name, name]), layers.includes(layer) ? layer : layers.at(-1));
    this.layer.hidden = layers.length === 0;
    this.#showClasses();
    if (this.first) await this.explain();
  }

  /** Probabilities of the picture without a region, beside those of the whole one. */
  showHidden(answer) {
    this.probabilities = answer.probabilities ?? this.probabilities;
    this.showError(answer.error ?? null);
    this.#showClasses();
  }

  /** Asks for the maps of both methods, one after the other, and shows each as it is ready. */
  async explain() {
    this.stop();
    const { left, right } = this.page.choices, stop = this.stopping = new AbortController(), shown = [];
    this.showError(null);
    try {
      for (const method of [left, right].filter(name => name !== '')) {
        shown.push(await this.#ask(method, stop.signal));
        if (stop.signal.aborted) return;
        this.maps = [...shown];
        this.viewer.lay(...shown);
      }
      await this.#showChannels(stop.signal);
    } catch (error) {
      if (error.name !== 'AbortError') this.showError(error.message);
    } finally {
      if (this.stopping === stop) this.#idle();
    }
  }

  stop() {
    this.stopping?.abort();
    this.#idle();
  }

  showError(text) {
    this.error.hidden = text === null;
    this.error.textContent = text ?? '';
  }

  /** The question for a method, as the server takes it. */
  query(method) {
    const query = new URLSearchParams({ picture: this.picture.id, network: this.index, method });
    if (this.class !== null) query.set('class', this.class);
    const layer = this.layer.querySelector('select').value;
    if (layer) query.set('layer', layer);
    return query;
  }

  /** The C# cell that makes the left map. */
  cell() {
    const layer = this.layer.querySelector('select').value;
    const options = [
      ...(this.class === null ? [] : [`Target = Target.Class(${this.class})`]),
      ...(layer === this.maps?.[0]?.layer ? [`Layers = ["${layer}"]`] : [])].join(', ');
    return `using AttentionLab.Data; using AttentionLab.Explain; using AttentionLab.Figures; using AttentionLab.Imaging;
using AttentionLab.Models;
var network = ${this.about.loading};
var picture = ${this.picture.expression};
ExplanationMethods.Get("${this.page.choices.left}").Explain(network, picture, new() { ${options} }).Over(picture)`;
  }

  async #ask(method, signal) {
    const timer = setTimeout(() => { if (!signal.aborted) this.busy.style.visibility = ''; }, 150);
    this.progress.removeAttribute('value');
    try {
      for await (const line of askLines(`explain?${this.query(method)}`, signal)) {
        if ('progress' in line && !signal.aborted) this.progress.value = line.progress;
        if (line.map) {
          const { map } = line, about = this.about.classes[map.class] ?? '';
          if (map.notes.length > 0) this.showError(map.notes.join(' '));
          this.part = map.part;
          return { name: `${map.method} (${map.layer})`, about, map: mapOf(map), layer: map.layer };
        }
      }
      throw new Error(this.page.words.brokenOff);
    } finally {
      clearTimeout(timer);
    }
  }

  #idle() {
    this.busy.style.visibility = 'hidden';
  }

  #showClasses() {
    const { words } = this.page, { probabilities, first } = this;
    this.classes.hidden = !probabilities;
    if (!probabilities) {
      this.says.textContent = '';
      return;
    }
    const order = [...first.keys()].sort((a, b) => first[b] - first[a]), best = order[0], now = [...probabilities.keys()]
      .reduce((a, b) => probabilities[b] > probabilities[a] ? b : a);
    const { label } = this.picture, shown = order.slice(0, mostBars);
    for (const index of [label, this.class, now]) if (index !== null && index < order.length && !shown.includes(index)) shown.push(index);
    const truth = label === null ? '' : ` (${fill(words.true, this.about.classes[label])})`;
    this.says.textContent = fill(words.says, this.about.classes[now]) + truth;
    this.classes.replaceChildren(...bars(
      shown.map(index => ({ index, name: this.about.classes[index], probability: probabilities[index] })),
      this.class ?? best, index => { this.class = index; this.#showClasses(); this.explain(); }));
    if (probabilities === first) return;
    for (const bar of this.classes.children) {
      const index = Number(bar.dataset.class), change = probabilities[index] - first[index];
      bar.lastChild.textContent = `${percentText(probabilities[index])} (${change < 0 ? '−' : '+'}${percentText(Math.abs(change))})`;
    }
  }

  async #showChannels(signal) {
    const { words } = this.page, layer = this.layer.querySelector('select').value;
    const found = layer ? await askJson(`channels?${this.query(this.page.choices.left)}`, { signal }) : [];
    const back = () => this.viewer.lay(...this.maps);
    const caption = found.length > 0 ? [element('p', { class: 'caption' }, fill(words.channelsOf, layer))] : [];
    this.channels.replaceChildren(...caption, ...found.map(channel => {
      const name = fill(words.channel, channel.channel), label = `${name}, ${fill(words.mean, numberText(channel.mean))}`;
      const large = () => this.viewer.lay({ name, about: layer, map: mapOfChannel(channel, this.part) });
      return element('button', {
        type: 'button', class: 'channel', title: label, 'aria-label': label,
        pointerenter: large, pointerleave: back, focus: large, blur: back,
      }, this.#thumbnail(mapOfChannel(channel, null)));
    }));
  }

  #thumbnail({ height, width, values }) {
    const canvas = element('canvas', { width, height, 'aria-hidden': 'true' }), pixels = new ImageData(width, height);
    const table = bytesOf(this.page.colors.viridis);
    colorIndexes(values, 'viridis').forEach((index, p) => pixels.data.set([...table.subarray(3 * index, 3 * index + 3), 255], 4 * p));
    canvas.getContext('2d').putImageData(pixels, 0, 0);
    return canvas;
  }

  /** The explanations of both methods, as a file. */
  async file() {
    const { left, right } = this.page.choices, query = this.query(left);
    if (right !== '' && right !== left) query.append('method', right);
    return (await ask(`explanation?${query}`)).blob();
  }
}
