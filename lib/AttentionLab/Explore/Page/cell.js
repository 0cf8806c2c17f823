// The explorer in a notebook's cell: everything that can be asked for was computed beforehand.

import { colorIndexes, bytesOf, fill, mapOf, mapOfChannel, numberText } from './maps.js';
import { bars, choice, element, slider } from './controls.js';
import { Viewer } from './viewer.js';

export class Cell {
  constructor(root, data) {
    this.data = data;
    this.words = data.words;
    this.methods = [...new Set(data.maps.map(map => map.method))];
    this.state = { picture: 0, epoch: data.epochs.length - 1, left: this.methods[0], right: '', layer: '', class: -1 };
    this.viewer = new Viewer(this.words, data.colors);
    this.pictures = element('div', { class: 'pictures', role: 'group', 'aria-label': this.words.picture });
    this.classes = element('div', { class: 'classes', role: 'group', 'aria-label': this.words.class });
    this.says = element('p', { class: 'says', 'aria-live': 'polite' });
    this.channels = element('div', { class: 'channels', role: 'group', 'aria-label': this.words.channels });
    root.append(element('div', { class: 'explorer' },
      this.pictures,
      element('div', { class: 'parts' }, this.viewer.element,
        element('div', { class: 'controls' }, this.says, this.classes, ...this.#controls())),
      this.channels));
    this.#showPictures();
    this.choose({ picture: 0 });
  }

  #controls() {
    const { words, data, viewer } = this, methods = this.methods.map(name => [name, name]);
    const divider = slider(words.divider, 'divider', [0, 100, 1], 50, value => `${value} %`, value => viewer.divide(value / 100));
    viewer.divided = share => {
      divider.querySelector('input').value = 100 * share;
      divider.querySelector('output').textContent = `${Math.round(100 * share)} %`;
    };
    this.divider = divider;
    this.layer = choice(words.layer, 'layer', [], layer => this.choose({ layer }));
    const epochs = data.epochs.length < 2 ? [] : [
      slider(words.epoch, 'epoch', [0, data.epochs.length - 1, 1], data.epochs.length - 1,
        value => String(data.epochs[value]), epoch => this.choose({ epoch }))];
    return [
      choice(words.left, 'left', methods, left => this.choose({ left })),
      choice(words.right, 'right', [['', words.none], ...methods], right => this.choose({ right })),
      divider, this.layer, ...epochs,
      slider(words.opacity, 'opacity', [0, 100, 1], 50, value => `${value} %`, value => { viewer.opacity = value / 100; viewer.draw(); }),
      choice(words.colors, 'colors', Object.keys(data.colors).map(name => [name, name]), name => { viewer.color = name; viewer.draw(); }),
    ];
  }

  /** Takes over a choice and shows what belongs to it. */
  choose(change) {
    Object.assign(this.state, change);
    const { state, data } = this;
    const ofPicture = data.maps.filter(map => map.picture === state.picture && map.epoch === state.epoch);
    const classes = [...new Set(ofPicture.map(map => map.class))];
    const probabilities = data.pictures[state.picture].probabilities[state.epoch];
    const probable = classes.filter(index => index >= 0).sort((a, b) => probabilities[b] - probabilities[a]);
    if ('picture' in change || !classes.includes(state.class)) state.class = probable[0] ?? -1;
    const layers = [...new Set(ofPicture.filter(map => map.method === state.left || map.method === state.right).map(map => map.layer))];
    if (!layers.includes(state.layer)) state.layer = ofPicture.findLast(map => map.method === state.left)?.layer ?? layers[0];
    this.layer.fill(layers.map(layer => [layer, layer]), state.layer);
    this.classes.replaceChildren(...bars(
      probable.map(index => ({ index, name: this.#nameOf(index), probability: probabilities[index] })),
      state.class, index => this.choose({ class: index })));
    this.#showSays(probabilities);
    this.#showChannels();
    for (const [i, button] of [...this.pictures.children].entries()) button.setAttribute('aria-pressed', String(i === state.picture));
    this.divider.hidden = state.right === '';
    if ('picture' in change) this.viewer.show({ ...data.pictures[state.picture], name: this.#pictureName(state.picture) });
    this.#lay(ofPicture);
  }

  #lay(ofPicture) {
    const { state, data } = this;
    const maps = [state.left, state.right].filter(name => name !== '').map(method => {
      // A method of pixels has its own layer, whatever is chosen.
      const found = ofPicture.filter(map => map.method === method && (map.class === state.class || map.class < 0));
      const map = found.find(each => each.layer === state.layer) ?? found.at(-1);
      const about = this.#nameOf(state.class);
      return map && { name: `${method} (${map.layer})`, about, map: mapOf(map, data.values[map.values]) };
    });
    this.shown = maps.filter(Boolean);
    this.part = this.shown[0]?.map.part ?? null;
    this.viewer.lay(...this.shown);
    if (this.shown.length < maps.length) this.viewer.legend.textContent = this.words.noMap;
  }

  #showPictures() {
    this.pictures.replaceChildren(...this.data.pictures.map((picture, i) => element('button', {
      type: 'button', class: 'picture', 'aria-label': this.#pictureName(i), title: this.#pictureName(i),
      click: () => this.choose({ picture: i }),
    }, element('img', { src: picture.address, alt: '' }))));
  }

  #showSays(probabilities) {
    const best = probabilities.indexOf(Math.max(...probabilities)), { label } = this.data.pictures[this.state.picture];
    const truth = label === null ? '' : ` (${fill(this.words.true, this.#nameOf(label))})`;
    this.says.textContent = fill(this.words.says, this.#nameOf(best)) + truth;
  }

  #showChannels() {
    const { state, data, words } = this;
    const found = data.channels.find(each =>
      each.picture === state.picture && each.epoch === state.epoch && each.layer === state.layer);
    this.channels.hidden = !found;
    const caption = element('p', { class: 'caption' }, fill(words.channelsOf, state.layer));
    this.channels.replaceChildren(caption, ...(found?.maps ?? []).map(channel => {
      const name = fill(words.channel, channel.channel);
      const label = `${name}, ${fill(words.mean, numberText(channel.mean))}`;
      const large = () => this.viewer.lay({ name, about: state.layer, map: mapOfChannel(channel, this.part) });
      const back = () => this.viewer.lay(...this.shown);
      return element('button', {
        type: 'button', class: 'channel', title: label, 'aria-label': label, 'data-channel': channel.channel,
        pointerenter: large, pointerleave: back, focus: large, blur: back,
      }, this.#thumbnail(mapOfChannel(channel, null)));
    }));
  }

  #thumbnail({ height, width, values }) {
    const canvas = element('canvas', { width, height, 'aria-hidden': 'true' }), pixels = new ImageData(width, height);
    const table = bytesOf(this.data.colors.viridis);
    colorIndexes(values, 'viridis').forEach((index, p) => pixels.data.set([...table.subarray(3 * index, 3 * index + 3), 255], 4 * p));
    canvas.getContext('2d').putImageData(pixels, 0, 0);
    return canvas;
  }

  #nameOf(index) {
    return this.data.classes[index] ?? `output ${index}`;
  }

  #pictureName(i) {
    const { label } = this.data.pictures[i];
    return `${this.words.picture} ${i + 1}${label === null ? '' : `, ${this.#nameOf(label)}`}`;
  }
}

/** Puts explorers into a page's cells that have this data and show their picture only. */
function startCells(id, data, style) {
  for (const cell of document.querySelectorAll(`[data-explorer="${id}"]`)) {
    if (cell.shadowRoot) continue;
    const root = cell.attachShadow({ mode: 'open' });
    root.append(element('style', {}, style));
    new Cell(root, data);
  }
}
